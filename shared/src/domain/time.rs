//! Times of day in time zones, and durations before a deadline.

use std::{fmt, str::FromStr};

use chrono::{DateTime, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A local time of day, to the minute: `08:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeOfDay(pub NaiveTime);

impl FromStr for TimeOfDay {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Chrono alone would accept blanks as digits.
        let digits = text.len() == 5 && text.bytes().enumerate().all(|(at, byte)| at == 2 || byte.is_ascii_digit());
        let time = NaiveTime::parse_from_str(text, "%H:%M").ok().filter(|_| digits);
        time.map(Self).ok_or("not a time of day such as 08:00")
    }
}

impl TimeOfDay {
    /// The beginning of a day.
    pub const MIDNIGHT: Self = Self(NaiveTime::MIN);

    /// Returns a full hour, from 0 to 23.
    pub const fn hour(hour: u32) -> Self {
        match NaiveTime::from_hms_opt(hour, 0, 0) {
            Some(time) => Self(time),
            None => Self::MIDNIGHT,
        }
    }

    /// Returns the instant at which it is this time on a day in `zone`. A time that clocks skip is the end of the
    /// jump; of a time that they show twice, it is the first.
    pub fn on(self, day: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
        earliest_after(DateTime::UNIX_EPOCH, day.and_time(self.0), zone)
    }

    /// Returns the first instant after `now` at which it is this time in `zone`.
    pub fn next_after(self, now: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let today = now.with_timezone(&zone).date_naive();
        // Starts yesterday: a time on a day that clocks skip becomes the beginning of the next day.
        (-1..=2).find_map(|days| self.on(today + TimeDelta::days(days), zone).filter(|instant| *instant > now))
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%H:%M"))
    }
}

impl Serialize for TimeOfDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// Returns the first instant after `now` at which clocks in `zone` show `local` or, if they skip it, a time after it.
pub(super) fn earliest_after(now: DateTime<Utc>, local: NaiveDateTime, zone: Tz) -> Option<DateTime<Utc>> {
    // No zone skips more than a day.
    (0..=24 * 4).map(|quarters| local + TimeDelta::minutes(15 * quarters)).find_map(|local| {
        let (first, second) = match zone.from_local_datetime(&local) {
            LocalResult::Single(only) => (only, only),
            LocalResult::Ambiguous(first, second) => (first, second),
            LocalResult::None => return None,
        };
        [first, second].map(|instant| instant.to_utc()).into_iter().find(|instant| *instant > now)
    })
}

/// Parses a time before a deadline: an ISO 8601 duration in weeks, days, hours and minutes, from zero to thirty days.
pub fn parse_offset(text: &str) -> Option<TimeDelta> {
    let (days, time) = match text.strip_prefix('P')?.split_once('T') {
        Some((days, time)) if !time.is_empty() => (days, time),
        Some(_) => return None,
        None => (text.strip_prefix('P')?, ""),
    };
    if days.is_empty() && time.is_empty() {
        return None;
    }
    let total = parse_units(days, &[('W', 7 * 24 * 60), ('D', 24 * 60)])? + parse_units(time, &[('H', 60), ('M', 1)])?;
    (total <= 30 * 24 * 60).then(|| TimeDelta::minutes(total))
}

/// Returns the offsets, each once, in their order: `P1D` and `PT24H` are the same.
pub fn distinct_offsets(mut offsets: Vec<String>) -> Vec<String> {
    let mut seen = Vec::with_capacity(offsets.len());
    offsets.retain(|offset| {
        let offset = parse_offset(offset);
        let is_new = !seen.contains(&offset);
        seen.push(offset);
        is_new
    });
    offsets
}

/// Returns the minutes of a text such as `1W2D`, by the minutes of each unit. The units must be in this order, each at
/// most once.
fn parse_units(mut text: &str, units: &[(char, i64)]) -> Option<i64> {
    let mut total = 0;
    for (unit, minutes) in units {
        if let Some((count, rest)) = text.split_once(*unit) {
            let digits = (1..=5).contains(&count.len()) && count.bytes().all(|b| b.is_ascii_digit());
            total += count.parse::<i64>().ok().filter(|_| digits)? * minutes;
            text = rest;
        }
    }
    text.is_empty().then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_time_of_day_comes_once_a_day_when_clocks_change() {
        let berlin = chrono_tz::Europe::Berlin;
        let next = |time: &str, now, zone| time.parse::<TimeOfDay>().unwrap().next_after(at(now), zone).unwrap();
        assert_eq!(next("08:00", "2026-01-10T06:59:59Z", berlin), at("2026-01-10T07:00:00Z"));
        assert_eq!(next("08:00", "2026-01-10T07:00:00Z", berlin), at("2026-01-11T07:00:00Z"));
        // 02:30 is skipped on 29 March, and comes twice on 25 October.
        assert_eq!(next("02:30", "2026-03-28T12:00:00Z", berlin), at("2026-03-29T01:00:00Z"));
        assert_eq!(next("02:30", "2026-03-29T01:00:00Z", berlin), at("2026-03-30T00:30:00Z"));
        assert_eq!(next("02:30", "2026-10-24T12:00:00Z", berlin), at("2026-10-25T00:30:00Z"));
        assert_eq!(next("02:30", "2026-10-25T00:30:00Z", berlin), at("2026-10-26T01:30:00Z"));
    }

    #[test]
    fn offsets_are_durations_of_at_most_thirty_days() {
        let minutes = |text| parse_offset(text).map(|offset| offset.num_minutes());
        assert_eq!(minutes("P1D"), Some(1440));
        assert_eq!(minutes("PT1H30M"), Some(90));
        assert_eq!(minutes("P1W1DT1M"), Some(8 * 1440 + 1));
        assert_eq!(minutes("PT0M"), Some(0));
        for bad in
            ["", "P", "PT", "P1DT", "1D", "P1H", "PT1D", "P1M", "P31D", "PT1M1H", "P-1D", "P1.5D", "PT1S", "P1D1D"]
        {
            assert_eq!(minutes(bad), None, "{bad}");
        }
    }

    #[test]
    fn equal_offsets_count_once() {
        let distinct = |given: &[&str]| distinct_offsets(given.iter().map(|&offset| offset.into()).collect());
        assert_eq!(distinct(&["PT1H", "P1D", "PT60M", "PT24H", "P1D", "P1W", "P7D"]), ["PT1H", "P1D", "P1W"]);
        assert_eq!(distinct(&["P0D", "PT0M"]), ["P0D"]);
    }
}
