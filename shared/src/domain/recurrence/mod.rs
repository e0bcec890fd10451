//! Recurring tasks: when the next occurrence is due.
//!
//! A rule names days in its time zone; the time of day is that of the first due date. So a task that is due at nine
//! stays due at nine when clocks change.

mod rule;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Datelike, Days, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use rule::Rule;
pub use rule::is_rule;

use crate::{Code, Error, Result};

/// When a task recurs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Recurrence {
    /// An RRULE (RFC 5545) that recurs at most once a day, without `DTSTART`. The first occurrence is the task's
    /// `due_at`.
    #[schema(format = "rrule", max_length = 500, example = "FREQ=WEEKLY;BYDAY=MO,WE")]
    pub rrule: String,
    /// The IANA time zone of the rule.
    #[schema(format = "time-zone", max_length = 100, example = "Europe/Berlin")]
    pub time_zone: String,
    /// What the next occurrence is counted from. Defaults to `schedule`, and is absent in responses if it is
    /// `schedule`.
    #[serde(default, skip_serializing_if = "CountedFrom::is_schedule")]
    #[schema(required = false)]
    pub from: CountedFrom,
}

/// What the next occurrence of a task is counted from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CountedFrom {
    /// The first due date, whenever the occurrences before were completed.
    #[default]
    Schedule,
    /// The day on which the occurrence before was completed.
    Completion,
}

impl CountedFrom {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    fn is_schedule(&self) -> bool {
        *self == Self::Schedule
    }
}

/// The position of a task in its series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occurrence {
    /// When the first occurrence was due: `DTSTART`.
    pub starts_at: DateTime<Utc>,
    /// The number of the occurrence, from 1.
    pub number: i32,
    /// The time that the rule gave it. Its due date may have been changed since.
    pub scheduled_at: DateTime<Utc>,
}

impl Occurrence {
    /// Returns the first occurrence of a series.
    pub fn first(due_at: DateTime<Utc>) -> Self {
        Self { starts_at: due_at, number: 1, scheduled_at: due_at }
    }
}

impl Recurrence {
    /// Checks that a series can begin with a task that is due then.
    pub fn check(&self, due_at: Option<DateTime<Utc>>) -> Result<()> {
        let due_at = due_at.ok_or_else(|| {
            Error::invalid_as(Code::DueAtRequired, "/recurrence", "needs a due_at: the first occurrence")
        })?;
        self.check_rule(due_at)
            .map_err(|detail| Error::invalid_as(Code::InvalidRecurrence, "/recurrence/rrule", detail))
    }

    fn check_rule(&self, due_at: DateTime<Utc>) -> std::result::Result<(), String> {
        let zone = self.zone();
        let rule = Rule::parse(&self.rrule, zone)?;
        if rule.until.is_some_and(|until| until < due_at) {
            return Err("must not end before the due date: its UNTIL is earlier".into());
        }
        let first = local(due_at, zone).date();
        let nothing = || format!("must have an occurrence within {} years of the due date", rule::YEARS);
        rule.date_after(first, first).map(drop).ok_or_else(nothing)
    }

    /// Returns the occurrence after `this` one, which is due at `due_at` and was completed, or `None` if the series
    /// has ended.
    ///
    /// By the schedule, it is the first after both the day that the rule gave `this` one and the day to which it was
    /// moved: a day that was moved forward is not repeated. It may be in the past. Counted from completion, it is the
    /// second occurrence of a series that begins on the day of completion; if the rule names days, such as Mondays, it
    /// is also after both days, so that a task that is completed early, on a Sunday, is not due on the same Monday a
    /// second time.
    pub fn next(&self, this: &Occurrence, due_at: DateTime<Utc>, completed_at: DateTime<Utc>) -> Option<Occurrence> {
        let zone = self.zone();
        let rule = Rule::parse(&self.rrule, zone).ok()?;
        if rule.count().is_some_and(|count| i64::from(this.number) >= i64::from(count)) {
            return None;
        }
        let start = local(this.starts_at, zone);
        let this_day = local(due_at.max(this.scheduled_at), zone).date();
        let date = match self.from {
            CountedFrom::Schedule => rule.date_after(start.date(), this_day),
            CountedFrom::Completion => rule.date_from(local(completed_at, zone).date(), this_day),
        }?;
        let scheduled_at = instant(date.and_time(rule.time(start.time())?), zone);
        let in_time = rule.until.is_none_or(|until| scheduled_at <= until);
        in_time.then_some(Occurrence { starts_at: this.starts_at, number: this.number.saturating_add(1), scheduled_at })
    }

    /// Returns a time as far from `to` as `time` is from `from`, by the calendar and the clocks of the rule's time
    /// zone. Returns `time` where the calendar ends, with the year 9999.
    pub fn shift(&self, time: DateTime<Utc>, from: DateTime<Utc>, to: DateTime<Utc>) -> DateTime<Utc> {
        let zone = self.zone();
        let distance = local(to, zone) - local(from, zone);
        let shifted = local(time, zone).checked_add_signed(distance).map(|shifted| instant(shifted, zone));
        shifted.filter(|shifted| shifted.year() <= 9999).unwrap_or(time)
    }

    /// Returns the time zone. Its name was checked when it was set.
    fn zone(&self) -> Tz {
        self.time_zone.parse().unwrap_or(Tz::UTC)
    }
}

fn local(time: DateTime<Utc>, zone: Tz) -> NaiveDateTime {
    time.with_timezone(&zone).naive_local()
}

/// Returns the instant at which clocks show this: the first if they show it twice; if they skip it, as if they had not
/// been put forward yet (RFC 5545, section 3.3.5).
fn instant(shown: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    let time = zone.from_local_datetime(&shown).earliest();
    let day_before =
        || Some(zone.from_local_datetime(&(shown - Days::new(1))).earliest()? + chrono::TimeDelta::days(1));
    time.or_else(day_before).map_or_else(|| shown.and_utc(), |time| time.to_utc())
}
