//! Accounts.

use sqlx::{PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use super::{
    one_time_tokens,
    page::{Cursor, Page, PageRequest},
    report_subscriptions, summaries,
};
use crate::{
    Result,
    domain::{
        Caller,
        account::{Role, User, ascii_domain, normalize_email},
    },
};

/// The data of a new account.
pub struct NewUser<'a> {
    /// Normalized.
    pub email: &'a str,
    /// The display name.
    pub name: &'a str,
    /// A PHC string.
    pub password_hash: &'a str,
    /// The role.
    pub role: Role,
    /// An IANA name.
    pub time_zone: &'a str,
}

/// Creates an account with its Inbox. Fails with a conflict if the address is taken.
pub async fn create(conn: &mut PgConnection, new: &NewUser<'_>) -> Result<User> {
    let user = sqlx::query_as!(
        User,
        r#"INSERT INTO users (id, email, name, password_hash, role, time_zone) VALUES ($1, $2, $3, $4, $5, $6)
           RETURNING id, email, name, role AS "role: Role", time_zone, active,
                     email_verified_at IS NOT NULL AS "email_verified!", created_at, updated_at, version"#,
        Uuid::now_v7(),
        new.email,
        new.name,
        new.password_hash,
        new.role as Role,
        new.time_zone,
    )
    .fetch_one(&mut *conn)
    .await?;
    sqlx::query!(
        "WITH inbox AS (
             INSERT INTO projects (id, key, name, owner_id, personal)
             VALUES ($1, 'IN' || nextval('inbox_key_seq'), 'Inbox', $2, true) RETURNING id)
         INSERT INTO memberships (project_id, user_id, role) SELECT id, $2, 'manager' FROM inbox",
        Uuid::now_v7(),
        user.id,
    )
    .execute(&mut *conn)
    .await?;
    summaries::plan(conn, user.id).await?;
    Ok(user)
}

/// Returns the account with this id. Does not check access.
pub async fn find(conn: &mut PgConnection, id: Uuid) -> Result<User> {
    let user = sqlx::query_as!(
        User,
        r#"SELECT id, email, name, role AS "role: Role", time_zone, active,
                  email_verified_at IS NOT NULL AS "email_verified!", created_at, updated_at, version
           FROM users WHERE id = $1"#,
        id,
    )
    .fetch_one(conn)
    .await?;
    Ok(user)
}

/// Returns the account with this id, if `caller` may see it.
pub async fn find_visible(conn: &mut PgConnection, caller: &Caller, id: Uuid) -> Result<User> {
    let user = sqlx::query_as!(
        User,
        r#"SELECT id, email, name, role AS "role: Role", time_zone, active,
                  email_verified_at IS NOT NULL AS "email_verified!", created_at, updated_at, version
           FROM users u
           WHERE id = $1 AND ($2 OR id = $3 OR EXISTS (
               SELECT 1 FROM memberships mine JOIN memberships theirs USING (project_id) JOIN projects p ON p.id = project_id
               WHERE mine.user_id = $3 AND theirs.user_id = u.id AND p.deleted_at IS NULL))"#,
        id,
        caller.sees_everyone(),
        caller.id,
    )
    .fetch_one(conn)
    .await?;
    Ok(user)
}

/// Returns the account with this id, locked until the transaction ends.
pub async fn lock(conn: &mut PgConnection, id: Uuid) -> Result<User> {
    let user = sqlx::query_as!(
        User,
        r#"SELECT id, email, name, role AS "role: Role", time_zone, active,
                  email_verified_at IS NOT NULL AS "email_verified!", created_at, updated_at, version
           FROM users WHERE id = $1 FOR NO KEY UPDATE"#,
        id,
    )
    .fetch_one(conn)
    .await?;
    Ok(user)
}

/// Locks every active administrator, so that two of them cannot remove one another concurrently, and returns their
/// ids.
pub async fn lock_admins(conn: &mut PgConnection) -> Result<Vec<Uuid>> {
    let admins =
        sqlx::query_scalar!("SELECT id FROM users WHERE role = 'admin' AND active ORDER BY id FOR NO KEY UPDATE")
            .fetch_all(conn)
            .await?;
    Ok(admins)
}

/// Saves the name, role, time zone and activity of an account that was changed, and increments its version.
pub async fn save(conn: &mut PgConnection, user: &mut User) -> Result<()> {
    let saved = sqlx::query!(
        "UPDATE users SET name = $2, role = $3, time_zone = $4, active = $5, version = version + 1, updated_at = now()
         WHERE id = $1 RETURNING version, updated_at",
        user.id,
        user.name,
        user.role as Role,
        user.time_zone,
        user.active,
    )
    .fetch_one(&mut *conn)
    .await?;
    (user.version, user.updated_at) = (saved.version, saved.updated_at);
    report_subscriptions::plan(conn, user.id, &user.time_zone).await?;
    summaries::plan(conn, user.id).await
}

/// The credentials that a password is checked against.
pub struct Credentials {
    /// The user's id.
    pub id: Uuid,
    /// A PHC string.
    pub password_hash: String,
    /// Whether they may log in.
    pub active: bool,
}

/// Returns the credentials of a normalized address, or `None` if there is no account.
pub async fn credentials(conn: &mut PgConnection, email: &str) -> Result<Option<Credentials>> {
    Ok(sqlx::query_as!(Credentials, "SELECT id, password_hash, active FROM users WHERE email = $1", email)
        .fetch_optional(conn)
        .await?)
}

/// Returns the credentials of a user.
pub async fn credentials_of(conn: &mut PgConnection, id: Uuid) -> Result<Credentials> {
    Ok(sqlx::query_as!(Credentials, "SELECT id, password_hash, active FROM users WHERE id = $1", id)
        .fetch_one(conn)
        .await?)
}

/// Returns the account whose credentials a password was checked against, locked until the transaction ends, or `None`
/// if it is no longer active or its password has changed. Call it after the slow hash, and decide by what it returns.
pub async fn confirm(conn: &mut PgConnection, compared: &Credentials) -> Result<Option<User>> {
    let user = sqlx::query_as!(
        User,
        r#"SELECT id, email, name, role AS "role: Role", time_zone, active,
                  email_verified_at IS NOT NULL AS "email_verified!", created_at, updated_at, version
           FROM users WHERE id = $1 AND password_hash = $2 AND active FOR NO KEY UPDATE"#,
        compared.id,
        compared.password_hash,
    )
    .fetch_optional(conn)
    .await?;
    Ok(user)
}

/// Replaces the password. Voids the links that set another.
pub async fn set_password(conn: &mut PgConnection, id: Uuid, password_hash: &str) -> Result<()> {
    sqlx::query!(
        "UPDATE users SET password_hash = $2, version = version + 1, updated_at = now() WHERE id = $1",
        id,
        password_hash,
    )
    .execute(&mut *conn)
    .await?;
    one_time_tokens::void_reset_links(conn, id).await
}

/// Marks the address as verified. Has no effect the second time.
pub async fn set_email_verified(conn: &mut PgConnection, id: Uuid) -> Result<()> {
    sqlx::query!(
        "UPDATE users SET email_verified_at = COALESCE(email_verified_at, now()), email_refusals = 0, version = version + 1,
                updated_at = now()
         WHERE id = $1 AND (email_verified_at IS NULL OR email_refusals > 0)",
        id,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A filter for the list of accounts.
#[derive(Debug, Default)]
pub struct UserFilter {
    /// These accounts; all if empty.
    pub ids: Vec<Uuid>,
    /// A part of the name or the address.
    pub q: Option<String>,
    /// These roles; all if empty.
    pub roles: Vec<Role>,
    /// Only active accounts, or only those that are not.
    pub active: Option<bool>,
}

/// An account and its sort key. The database computes the key: its lower case is not Rust's.
#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(flatten)]
    user: User,
    sort_key: String,
}

/// Adds the condition that a part of the name or the address matches, ignoring case and accents. Wildcards have no
/// special meaning, even those that only result from the folding.
fn contains(query: &mut QueryBuilder<Postgres>, part: &str) {
    query
        .push("searched LIKE '%' || regexp_replace(folded(")
        .push_bind(part.to_owned())
        .push(r"), '([\\%_])', '\\\1', 'g') || '%'");
}

/// Returns a page of the accounts that `caller` may see, by name.
pub async fn list(
    conn: &mut PgConnection,
    caller: &Caller,
    filter: &UserFilter,
    page: &PageRequest,
) -> Result<Page<User>> {
    let mut query = QueryBuilder::new(
        "SELECT id, email, name, role, time_zone, active, email_verified_at IS NOT NULL AS email_verified,
                created_at, updated_at, version, lower(name) AS sort_key FROM users u WHERE true",
    );
    if !caller.sees_everyone() {
        query
            .push(
                " AND u.id IN (SELECT theirs.user_id FROM memberships mine JOIN memberships theirs USING (project_id)
                  JOIN projects p ON p.id = project_id WHERE p.deleted_at IS NULL AND mine.user_id = ",
            )
            .push_bind(caller.id)
            .push(")");
    }
    if let Some(q) = &filter.q {
        query.push(" AND (");
        contains(&mut query, q.trim());
        // An internationalised domain is stored in its ASCII form.
        let address = ascii_domain(q.trim()).unwrap_or_else(|| normalize_email(q));
        if !q.is_ascii() && address.is_ascii() {
            query.push(" OR ");
            contains(&mut query, &address);
        }
        query.push(")");
    }
    if !filter.ids.is_empty() {
        query.push(" AND id = ANY(").push_bind(&filter.ids).push(")");
    }
    if !filter.roles.is_empty() {
        query.push(" AND role = ANY(").push_bind(&filter.roles).push(")");
    }
    if let Some(active) = filter.active {
        query.push(" AND active = ").push_bind(active);
    }
    if let Some((name, id)) = page.after::<(String, Uuid)>("users")? {
        query.push(" AND (lower(name), id) > (").push_bind(name).push(", ").push_bind(id).push(")");
    }
    query.push(" ORDER BY lower(name), id LIMIT ").push_bind(page.fetch());
    let rows: Vec<Row> = query.build_query_as().fetch_all(conn).await?;
    let page = page.cut(rows, |row| Cursor::new("users", (&row.sort_key, row.user.id)));
    Ok(Page { items: page.items.into_iter().map(|row| row.user).collect(), next_cursor: page.next_cursor })
}
