use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Error, Result, domain::time::TimeOfDay};

/// The longest period of a report, in days: five years.
const MAX_DAYS: i64 = 1827;

/// The period of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// Its first instant.
    pub from: DateTime<Utc>,
    /// The first instant after it.
    pub to: DateTime<Utc>,
}

impl Period {
    /// Checks that it begins before it ends, and is not longer than five years.
    pub fn check(&self) -> Result<()> {
        if self.to <= self.from {
            return Err(Error::invalid("/to", "must be later than from"));
        }
        if self.to - self.from > TimeDelta::days(MAX_DAYS) {
            return Err(Error::invalid("/to", "must be at most five years after from"));
        }
        Ok(())
    }

    /// Returns the seven days before the beginning of a day in `zone`.
    pub fn week_before(day: NaiveDate, zone: Tz) -> Option<Self> {
        let midnight = |day: NaiveDate| TimeOfDay::MIDNIGHT.on(day, zone);
        Some(Self { from: midnight(day - TimeDelta::days(7))?, to: midnight(day)? })
    }

    /// Returns the unit in which the report counts, so that there are neither too many rows nor too few.
    pub fn step(&self) -> Step {
        match (self.to - self.from).num_days() {
            0..=45 => Step::Day,
            46..=400 => Step::Week,
            _ => Step::Month,
        }
    }
}

/// The unit of a report over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// From midnight to midnight.
    Day,
    /// From Monday on.
    Week,
    /// A calendar month.
    Month,
}

impl Step {
    /// Returns the name in SQL's `date_trunc`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "they are what they are called")]
pub enum Day {
    Monday = 1,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Day {
    const ALL: [Self; 7] =
        [Self::Monday, Self::Tuesday, Self::Wednesday, Self::Thursday, Self::Friday, Self::Saturday, Self::Sunday];

    /// Returns the day with this number; 1 is Monday.
    pub fn from_number(number: i16) -> Self {
        Self::ALL.into_iter().find(|day| *day as i16 == number).unwrap_or(Self::Monday)
    }

    fn falls_on(self, date: NaiveDate) -> bool {
        date.weekday().number_from_monday() == self as u32
    }
}

/// Returns the first instant after `now` at which it is this day of the week, at this time, in `zone`, and the local
/// date.
pub fn next_weekly(day: Day, at: TimeOfDay, now: DateTime<Utc>, zone: Tz) -> Option<(DateTime<Utc>, NaiveDate)> {
    let today = now.with_timezone(&zone).date_naive();
    // Starts a week ago: a time on a day that clocks skip becomes the beginning of the next day.
    (-7..=14).map(|days| today + TimeDelta::days(days)).filter(|date| day.falls_on(*date)).find_map(|date| {
        let instant = at.on(date, zone).filter(|instant| *instant > now)?;
        Some((instant, date))
    })
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use chrono_tz::Europe::Berlin;

    use super::*;

    fn at(text: &str) -> TimeOfDay {
        text.parse().unwrap()
    }

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_weekly_time_is_local_even_if_clocks_change() {
        let before = Berlin.with_ymd_and_hms(2026, 3, 23, 7, 0, 0).unwrap().to_utc();
        let (next, date) = next_weekly(Day::Monday, at("07:00"), before, Berlin).unwrap();
        assert_eq!((next, date.to_string()), (utc("2026-03-30T05:00:00Z"), "2026-03-30".into()));
        assert_eq!(next_weekly(Day::Monday, at("07:00"), before - TimeDelta::seconds(1), Berlin).unwrap().0, before);
        // 02:30 is skipped on that Sunday.
        let (next, _) = next_weekly(Day::Sunday, at("02:30"), before, Berlin).unwrap();
        assert_eq!(next, utc("2026-03-29T01:00:00Z"));
        // 02:30 comes twice. The first one counts.
        let (next, _) = next_weekly(Day::Sunday, at("02:30"), utc("2026-10-24T00:00:00Z"), Berlin).unwrap();
        assert_eq!(next, utc("2026-10-25T00:30:00Z"));
        assert_eq!(next_weekly(Day::Sunday, at("02:30"), next, Berlin).unwrap().0, utc("2026-11-01T01:30:00Z"));
    }

    #[test]
    fn the_week_before_a_day_is_seven_local_days() {
        let week = Period::week_before(NaiveDate::from_ymd_opt(2026, 3, 30).unwrap(), Berlin).unwrap();
        assert_eq!((week.from, week.to), (utc("2026-03-22T23:00:00Z"), utc("2026-03-29T22:00:00Z")));
    }

    #[test]
    fn a_period_begins_before_it_ends_and_is_no_longer_than_five_years() {
        let period = |from: &str, to: &str| Period { from: utc(from), to: utc(to) };
        assert!(period("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z").check().is_err());
        assert!(period("2021-01-01T00:00:00Z", "2026-01-02T00:00:00Z").check().is_ok());
        assert!(period("2021-01-01T00:00:00Z", "2026-01-02T00:00:01Z").check().is_err());
        assert_eq!(period("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z").step(), Step::Day);
        assert_eq!(period("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z").step(), Step::Week);
        assert_eq!(period("2022-01-01T00:00:00Z", "2027-01-01T00:00:00Z").step(), Step::Month);
    }
}
