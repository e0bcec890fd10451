//! Types of the domain that are stored as JSON.

use sqlx::{
    Decode, Encode, Postgres, Type,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgTypeInfo, PgValueRef},
    types::Json,
};

use crate::domain::recurrence::Recurrence;

impl Type<Postgres> for Recurrence {
    fn type_info() -> PgTypeInfo {
        Json::<Self>::type_info()
    }

    fn compatible(ty: &PgTypeInfo) -> bool {
        Json::<Self>::compatible(ty)
    }
}

impl Encode<'_, Postgres> for Recurrence {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        Json(self).encode_by_ref(buffer)
    }
}

impl Decode<'_, Postgres> for Recurrence {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        Json::decode(value).map(|Json(recurrence)| recurrence)
    }
}
