//! The days that an RRULE names.
//!
//! The crate `rrule` parses the text. The days are computed here, because a series continues for years, one occurrence
//! at a time: the next day is found from any day without iterating from the first (docs/adr/0012-recurrence.md). The
//! tests compare the two.

use std::str::FromStr;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};
use chrono_tz::Tz;
use rrule::{Frequency, NWeekday, RRule, Unvalidated};

use super::instant;

/// A rule without an occurrence for this many years has ended.
pub(super) const YEARS: u32 = 10;

/// A rule that tasks can use.
#[derive(PartialEq)]
pub(super) struct Rule {
    pub(super) parts: RRule<Unvalidated>,
    /// How to handle days that a month or year does not have, if the rule says so.
    pub(super) skip: Option<Skip>,
    /// The last instant at which there may be an occurrence.
    pub(super) until: Option<DateTime<Utc>>,
}

/// How to handle a day that a month or year does not have (RFC 7529).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Skip {
    /// It is left out, which is the default.
    Omit,
    /// It is replaced by the last day before it.
    Backward,
    /// It is replaced by the first day after it.
    Forward,
}

/// Returns whether this is the text of an RRULE and nothing else.
pub fn is_rule(text: &str) -> bool {
    read(text).is_some()
}

/// The parts of the text of a rule.
struct Text<'a> {
    parts: RRule<Unvalidated>,
    until: Option<&'a str>,
    rscale: Option<&'a str>,
    skip: Option<&'a str>,
}

/// Extracts the parts that the crate does not know, or handles wrongly: it reads `UNTIL` in the time zone of this
/// machine.
fn read(text: &str) -> Option<Text<'_>> {
    let text = text.strip_prefix("RRULE:").unwrap_or(text);
    if text.len() > 500 || !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"=;,+-".contains(&byte)) {
        return None;
    }
    let (mut ours, mut theirs) = ([None; 3], Vec::new());
    for part in text.split(';') {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        match ["UNTIL", "RSCALE", "SKIP"].iter().position(|known| name.eq_ignore_ascii_case(known)) {
            Some(at) if ours[at].replace(value).is_some() => return None,
            Some(_) => {}
            None => theirs.push(part),
        }
    }
    let [until, rscale, skip] = ours;
    Some(Text { parts: RRule::from_str(&theirs.join(";")).ok()?, until, rscale, skip })
}

impl Rule {
    /// Parses a rule. The error completes "This rule …".
    pub(super) fn parse(text: &str, zone: Tz) -> Result<Self, String> {
        let Text { parts, until, rscale, skip } = read(text).ok_or("cannot be understood")?;
        if rscale.is_some_and(|scale| !scale.eq_ignore_ascii_case("GREGORIAN")) {
            return Err("must not be of another calendar: RSCALE must be GREGORIAN, if it is given".into());
        }
        if skip.is_some() && rscale.is_none() {
            return Err("must also have RSCALE=GREGORIAN where it has SKIP".into());
        }
        let skip = skip.map(|skip| parse_skip(skip).ok_or("must have a SKIP of OMIT, BACKWARD or FORWARD, if any"));
        if parts.get_freq() > Frequency::Daily {
            return Err("must not come more often than daily: FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY".into());
        }
        if [parts.get_by_hour(), parts.get_by_minute(), parts.get_by_second()].iter().any(|times| times.len() > 1) {
            return Err("must not come more than once a day: BYHOUR, BYMINUTE and BYSECOND take one value each".into());
        }
        if parts.get_interval() == 0 || parts.get_count() == Some(0) {
            return Err("must have an INTERVAL and a COUNT of at least 1, if any".into());
        }
        if parts.get_count().is_some() && until.is_some() {
            return Err("must end by COUNT or by UNTIL, not by both".into());
        }
        let by_months = matches!(parts.get_freq(), Frequency::Monthly | Frequency::Yearly);
        let numbered = parts.get_by_weekday().iter().any(|day| matches!(day, NWeekday::Nth(..)));
        if numbered && (!by_months || !parts.get_by_week_no().is_empty()) {
            return Err("must not number weekdays, as in BYDAY=2MO, except by the month or by the year".into());
        }
        let until = until.map(|end| parse_until(end, zone).ok_or("must have an UNTIL such as 20301231T225959Z"));
        // The remaining errors: values out of range, and parts that cannot be combined.
        let start = DateTime::UNIX_EPOCH.with_timezone(&rrule::Tz::UTC);
        parts
            .clone()
            .validate(start)
            .map_err(|_| "must have parts that go together, each with values in its range: see RFC 5545")?;
        Ok(Self { parts, skip: skip.transpose()?, until: until.transpose()? })
    }

    /// Returns the number of all occurrences, if the rule limits it.
    pub(super) fn count(&self) -> Option<u32> {
        self.parts.get_count()
    }

    /// Returns the time of day of a series with the first occurrence at this time.
    pub(super) fn time(&self, first: NaiveTime) -> Option<NaiveTime> {
        let or = |given: &[u8], first| given.first().map_or(first, |&given| u32::from(given));
        let rule = &self.parts;
        let (hour, minute) = (or(rule.get_by_hour(), first.hour()), or(rule.get_by_minute(), first.minute()));
        NaiveTime::from_hms_nano_opt(hour, minute, or(rule.get_by_second(), first.second()), first.nanosecond())
    }

    /// Returns the first day after this one in a series that begins on `start`, or `None` if there is none for
    /// [`YEARS`].
    pub(super) fn date_after(&self, start: NaiveDate, after: NaiveDate) -> Option<NaiveDate> {
        let last = after.checked_add_months(Months::new(YEARS * 12))?;
        let (begins, interval) = (self.period(start), usize::from(self.parts.get_interval()));
        let beyond = (self.period(after) - begins).rem_euclid(self.parts.get_interval().into());
        let from = self.period(after) - beyond;
        let dates = (from..=self.period(last)).step_by(interval).flat_map(|period| self.dates(period, start));
        // Times end in the year 9999, in some time zones a day earlier than in others.
        dates.take_while(|date| *date <= last && date.year() < 9999).find(|date| *date > after)
    }

    /// Returns the first day after `start` in a series that begins on it; if the rule names days, also after `done`. A
    /// month after 31 January is the last day of February, unless the rule says otherwise.
    pub(super) fn date_from(&self, start: NaiveDate, done: NaiveDate) -> Option<NaiveDate> {
        let months = match self.parts.get_freq() {
            Frequency::Monthly => 1,
            Frequency::Yearly => 12,
            _ => 0,
        };
        if months > 0 && self.skip.is_none() && self.names_no_month() && self.names_no_day() {
            return start.checked_add_months(Months::new(months * u32::from(self.parts.get_interval())));
        }
        let after = if self.names_no_day() { start } else { start.max(done) };
        self.date_after(start, after)
    }

    /// Returns the number of the day, week, month or year that contains a day.
    fn period(&self, date: NaiveDate) -> i64 {
        let (days, year) = (i64::from(date.num_days_from_ce()), i64::from(date.year()));
        match self.parts.get_freq() {
            Frequency::Yearly => year,
            Frequency::Monthly => year * 12 + i64::from(date.month0()),
            Frequency::Weekly => (days - self.first_of_weeks()).div_euclid(7),
            _ => days,
        }
    }

    /// Returns the first day of a period.
    fn begin(&self, period: i64) -> Option<NaiveDate> {
        let day = |days: i64| NaiveDate::from_num_days_from_ce_opt(days.try_into().ok()?);
        match self.parts.get_freq() {
            Frequency::Yearly => NaiveDate::from_yo_opt(period.try_into().ok()?, 1),
            Frequency::Monthly => {
                let month = u32::try_from(period.rem_euclid(12)).ok()? + 1;
                NaiveDate::from_ymd_opt(period.div_euclid(12).try_into().ok()?, month, 1)
            }
            Frequency::Weekly => day(period * 7 + self.first_of_weeks()),
            _ => day(period),
        }
    }

    /// Returns a day with which a week begins, as a number: 1 January of the year 1 was a Monday, and is day 1.
    fn first_of_weeks(&self) -> i64 {
        1 + i64::from(self.parts.get_week_start().num_days_from_monday())
    }

    /// Returns the days of a period that the rule names, and those that replace days that it does not have: these may
    /// be just before and just after it.
    fn dates(&self, period: i64, start: NaiveDate) -> Vec<NaiveDate> {
        let (Some(first), Some(end)) = (self.begin(period), self.begin(period + 1)) else { return Vec::new() };
        let days = first.iter_days().take_while(|date| *date < end);
        let mut named: Vec<NaiveDate> = days.filter(|date| self.names(*date, start)).collect();
        if let Some(skip @ (Skip::Backward | Skip::Forward)) = self.skip {
            named.extend(self.moved(skip, first, end, start));
            named.sort_unstable();
            named.dedup();
        }
        let positions = self.parts.get_by_set_pos();
        if positions.is_empty() {
            return named;
        }
        let count = i64::try_from(named.len()).unwrap_or_default();
        let is_picked = |n: i64| positions.iter().any(|&at| is_nth(at.into(), n, count));
        (0..count).zip(&named).filter(|(n, _)| is_picked(*n)).map(|(_, date)| *date).collect()
    }

    fn names(&self, date: NaiveDate, start: NaiveDate) -> bool {
        let rule = &self.parts;
        let (day, days) = (i64::from(date.day0()), i64::from(date.num_days_in_month()));
        let (year_day, year_days) = (i64::from(date.ordinal0()), days_in_year(date));
        let is_month = rule.get_by_month().iter().any(|&month| u32::from(month) == date.month());
        let is_week = || rule.get_by_week_no().iter().any(|&week| self.is_week(week.into(), date));
        let is_year_day = || rule.get_by_year_day().iter().any(|&nth| is_nth(nth.into(), year_day, year_days));
        let is_month_day = || rule.get_by_month_day().iter().any(|&nth| is_nth(nth.into(), day, days));
        (is_month || self.names_no_month())
            && (rule.get_by_week_no().is_empty() || is_week())
            && (rule.get_by_year_day().is_empty() || is_year_day())
            && (rule.get_by_month_day().is_empty() || is_month_day())
            && (rule.get_by_weekday().is_empty() || rule.get_by_weekday().iter().any(|&day| self.is_weekday(day, date)))
            && self.fits_start(date, start)
    }

    /// Returns the days that replace days that the rule names from `first` until `end` and that do not exist: days of
    /// a month after its last, such as 31 April, or counted from its end, before its first; likewise days of a year.
    /// The other parts of the rule apply to the replacements.
    fn moved(&self, skip: Skip, first: NaiveDate, end: NaiveDate, start: NaiveDate) -> Vec<NaiveDate> {
        let rule = &self.parts;
        if !matches!(rule.get_freq(), Frequency::Monthly | Frequency::Yearly) || !rule.get_by_week_no().is_empty() {
            return Vec::new();
        }
        let yearly = rule.get_freq() == Frequency::Yearly;
        let mut days: Vec<i64> = rule.get_by_month_day().iter().map(|&day| day.into()).collect();
        let mut months: Vec<u32> = rule.get_by_month().iter().map(|&month| month.into()).collect();
        if self.names_no_day() {
            days.push(start.day().into());
            if yearly && self.names_no_month() {
                months.push(start.month());
            }
        }
        let mut moved = Vec::new();
        if rule.get_by_year_day().is_empty() {
            let begins = first.iter_days().take_while(|date| *date < end).filter(|date| date.day() == 1);
            for month in begins.filter(|month| months.is_empty() || months.contains(&month.month())) {
                let Some(next) = month.checked_add_months(Months::new(1)) else { continue };
                moved.extend(days.iter().filter_map(|&day| in_place_of(day, month, next, skip)));
            }
        } else if yearly && days.is_empty() && months.is_empty() {
            moved.extend(rule.get_by_year_day().iter().filter_map(|&day| in_place_of(day.into(), first, end, skip)));
        }
        let weekdays = rule.get_by_weekday();
        moved.retain(|date| weekdays.is_empty() || weekdays.iter().any(|&day| self.is_weekday(day, *date)));
        moved
    }

    /// Checks the parts that the rule does not give, which are those of the first day.
    fn fits_start(&self, date: NaiveDate, start: NaiveDate) -> bool {
        let rule = &self.parts;
        let no_day = self.names_no_day();
        match rule.get_freq() {
            Frequency::Yearly if no_day && self.names_no_month() => {
                date.day() == start.day() && date.month() == start.month()
            }
            Frequency::Yearly | Frequency::Monthly if no_day => date.day() == start.day(),
            Frequency::Yearly if self.names_weeks_only() => date.weekday() == start.weekday(),
            Frequency::Weekly if no_day => date.weekday() == start.weekday(),
            _ => true,
        }
    }

    fn names_no_month(&self) -> bool {
        self.parts.get_by_month().is_empty()
    }

    fn names_no_day(&self) -> bool {
        self.parts.get_by_week_no().is_empty() && self.names_weeks_only()
    }

    fn names_weeks_only(&self) -> bool {
        let rule = &self.parts;
        rule.get_by_year_day().is_empty() && rule.get_by_month_day().is_empty() && rule.get_by_weekday().is_empty()
    }

    /// Returns whether a day is the weekday, or the nth of them in its month or year.
    fn is_weekday(&self, weekday: NWeekday, date: NaiveDate) -> bool {
        let (nth, weekday) = match weekday {
            NWeekday::Every(weekday) => return date.weekday() == weekday,
            NWeekday::Nth(nth, weekday) => (i64::from(nth), weekday),
        };
        let (day, days) = match self.parts.get_freq() {
            Frequency::Yearly if self.names_no_month() => (i64::from(date.ordinal0()), days_in_year(date)),
            _ => (i64::from(date.day0()), i64::from(date.num_days_in_month())),
        };
        date.weekday() == weekday && (day / 7 + 1 == nth || (days - 1 - day) / 7 + 1 == -nth)
    }

    /// Returns whether a day is in the nth week of a year: of the year that contains the middle of the week.
    fn is_week(&self, nth: i64, date: NaiveDate) -> bool {
        let since = date.weekday().days_since(self.parts.get_week_start());
        let middle = date + Days::new(3) - Days::new(since.into());
        let (day, days) = (i64::from(middle.ordinal0()), days_in_year(middle));
        is_nth(nth, day / 7, day / 7 + (days - 1 - day) / 7 + 1)
    }
}

/// Returns whether the item with this index, from 0, is the nth of so many, from the front or, if negative, from the
/// back.
fn is_nth(nth: i64, index: i64, count: i64) -> bool {
    index + 1 == nth || index - count == nth
}

/// Returns the day that replaces the nth of those from `first` until `end`, if there are not so many.
fn in_place_of(nth: i64, first: NaiveDate, end: NaiveDate, skip: Skip) -> Option<NaiveDate> {
    if nth.abs() <= (end - first).num_days() {
        return None;
    }
    match (skip, nth > 0) {
        (Skip::Omit, _) => None,
        (Skip::Backward, true) => end.pred_opt(),
        (Skip::Forward, true) => Some(end),
        (Skip::Backward, false) => first.pred_opt(),
        (Skip::Forward, false) => Some(first),
    }
}

fn parse_skip(text: &str) -> Option<Skip> {
    let known = [("OMIT", Skip::Omit), ("BACKWARD", Skip::Backward), ("FORWARD", Skip::Forward)];
    known.into_iter().find(|(name, _)| text.eq_ignore_ascii_case(name)).map(|(_, skip)| skip)
}

fn days_in_year(date: NaiveDate) -> i64 {
    if date.leap_year() { 366 } else { 365 }
}

/// Parses an instant, or a time or the end of a day in the time zone of the rule.
fn parse_until(text: &str, zone: Tz) -> Option<DateTime<Utc>> {
    let text = text.to_ascii_uppercase();
    if let Some(text) = text.strip_suffix('Z') {
        return Some(NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S").ok()?.and_utc());
    }
    let day = |text| NaiveDate::parse_from_str(text, "%Y%m%d").ok()?.and_hms_opt(23, 59, 59);
    let shown = NaiveDateTime::parse_from_str(&text, "%Y%m%dT%H%M%S").ok().or_else(|| day(&text))?;
    Some(instant(shown, zone))
}
