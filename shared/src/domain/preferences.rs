//! What a person wants to be notified of, how, and when not.

use chrono::{DateTime, Days, NaiveTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    notification_kind::ChannelPreferences,
    time::{TimeOfDay, earliest_after},
};

/// A period of every day, in the person's time zone, in which pushes and e-mails are held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// The start. If it is later than `to`, the period extends over midnight.
    #[schema(value_type = String, format = "time-of-day", max_length = 5, example = "22:00")]
    pub from: TimeOfDay,
    /// The end. It must differ from `from`.
    #[schema(value_type = String, format = "time-of-day", max_length = 5, example = "07:00")]
    pub to: TimeOfDay,
}

/// The notification preferences of a person. Missing fields have their defaults.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Preferences {
    /// The channels of each kind of notification.
    pub kinds: ChannelPreferences,
    /// When pushes and e-mails are held back. The inbox receives notifications at any time.
    pub quiet_hours: Option<QuietHours>,
    /// When the daily summary is sent, in the person's time zone. Null means never.
    #[schema(value_type = Option<String>, format = "time-of-day", max_length = 5, example = "08:00")]
    pub daily_summary_at: Option<TimeOfDay>,
    /// How long before a deadline the person is reminded.
    #[schema(value_type = Vec<ReminderOffset>, max_items = 10)]
    pub reminder_offsets: Vec<String>,
}

/// An ISO 8601 duration before a deadline.
#[derive(ToSchema)]
#[schema(format = "reminder-offset", max_length = 20, example = "P1D")]
pub struct ReminderOffset(#[expect(dead_code, reason = "it only describes")] String);

impl Default for Preferences {
    fn default() -> Self {
        Self {
            kinds: ChannelPreferences::default(),
            quiet_hours: None,
            daily_summary_at: Some(TimeOfDay::hour(8)),
            reminder_offsets: vec!["P1D".into(), "PT1H".into()],
        }
    }
}

impl QuietHours {
    /// Returns the quiet hours of two columns, which are both null or neither.
    pub fn from_columns(from: Option<NaiveTime>, to: Option<NaiveTime>) -> Option<Self> {
        Some(Self { from: TimeOfDay(from?), to: TimeOfDay(to?) })
    }

    /// Returns when the quiet hours end for a person in `zone`, or `None` if they are not in effect at `now`.
    ///
    /// If clocks are put forward past the end, the quiet hours end at that moment. If they are put back past the end,
    /// the quiet hours end at the second occurrence of the time, if the first has passed.
    pub fn until(&self, now: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let (from, to, local) = (self.from.0, self.to.0, now.with_timezone(&zone).naive_local());
        let time = local.time();
        let over_midnight = from > to;
        let quiet = if over_midnight { time >= from || time < to } else { from <= time && time < to };
        if !quiet {
            return None;
        }
        let tomorrow = over_midnight && time >= from;
        let day = local.date().checked_add_days(Days::new(u64::from(tomorrow)))?;
        earliest_after(now, day.and_time(to), zone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::notification_kind::{Channels, EmailChoice};

    fn quiet(from: &str, to: &str) -> QuietHours {
        QuietHours { from: from.parse().unwrap(), to: to.parse().unwrap() }
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn quiet_hours_end_on_the_right_day() {
        let zone = chrono_tz::Europe::Berlin; // UTC+1 in January
        let night = quiet("22:00", "07:00");
        assert_eq!(night.until(at("2026-01-10T22:30:00Z"), zone), Some(at("2026-01-11T06:00:00Z")));
        assert_eq!(night.until(at("2026-01-11T05:59:59Z"), zone), Some(at("2026-01-11T06:00:00Z")));
        assert_eq!(night.until(at("2026-01-11T06:00:00Z"), zone), None);
        assert_eq!(night.until(at("2026-01-11T20:59:59Z"), zone), None);
        let noon = quiet("12:00", "13:00");
        assert_eq!(noon.until(at("2026-01-11T11:00:00Z"), zone), Some(at("2026-01-11T12:00:00Z")));
        assert_eq!(noon.until(at("2026-01-11T12:00:00Z"), zone), None);
    }

    #[test]
    fn quiet_hours_end_correctly_when_clocks_change() {
        let zone = chrono_tz::Europe::Berlin;
        // 2026-03-29: from 02:00 to 03:00. A local 02:30 does not exist.
        assert_eq!(quiet("22:00", "02:30").until(at("2026-03-28T22:00:00Z"), zone), Some(at("2026-03-29T01:00:00Z")));
        // 2026-10-25: from 03:00 back to 02:00. 02:30 comes twice: at 00:30 and at 01:30 UTC.
        let night = quiet("22:00", "02:30");
        assert_eq!(night.until(at("2026-10-25T00:10:00Z"), zone), Some(at("2026-10-25T00:30:00Z")));
        assert_eq!(night.until(at("2026-10-25T01:10:00Z"), zone), Some(at("2026-10-25T01:30:00Z")));
        // A whole day skipped: Samoa had no 30 December 2011.
        let apia = chrono_tz::Pacific::Apia;
        assert_eq!(quiet("22:00", "07:00").until(at("2011-12-30T09:00:00Z"), apia), Some(at("2011-12-30T10:00:00Z")));
    }

    #[test]
    fn missing_preferences_have_their_defaults() {
        let given: Preferences =
            serde_json::from_str(r#"{"kinds": {"task_deleted": {"push": false, "email": "daily"}}}"#).unwrap();
        assert_eq!(given.kinds.task_deleted, Channels { push: false, email: EmailChoice::Daily });
        assert_eq!(given.kinds.mentioned, ChannelPreferences::default().mentioned);
        assert_eq!((given.quiet_hours, given.daily_summary_at), (None, Preferences::default().daily_summary_at));
    }
}
