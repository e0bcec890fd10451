mod examples;
mod fuzz;

use chrono::{Datelike, Weekday};

use super::*;

/// The maximum time for parsing a rule and computing twenty of its occurrences, without optimisation and on a busy
/// machine. An endless search for the next occurrence would take longer.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

fn recurrence(rrule: &str, time_zone: &str) -> Recurrence {
    Recurrence { rrule: rrule.into(), time_zone: time_zone.into(), from: CountedFrom::Schedule }
}

/// Returns the instant at which clocks in `zone` show this.
fn at(shown: &str, zone: &str) -> DateTime<Utc> {
    let shown = NaiveDateTime::parse_from_str(shown, "%Y-%m-%d %H:%M").unwrap();
    shown.and_local_timezone(zone.parse::<Tz>().unwrap()).earliest().unwrap().to_utc()
}

/// Returns the series from the first due date, as local times, if each occurrence is completed when it is due. Returns
/// at most `most` occurrences.
fn series(rule: &Recurrence, first: DateTime<Utc>, most: usize) -> Vec<NaiveDateTime> {
    let follow = |this: &Occurrence| rule.next(this, this.scheduled_at, this.scheduled_at);
    let all = std::iter::successors(Some(Occurrence::first(first)), follow);
    all.take(most).map(|occurrence| local(occurrence.scheduled_at, rule.zone())).collect()
}

fn shown(times: &[NaiveDateTime]) -> Vec<String> {
    times.iter().map(|time| time.format("%Y-%m-%d %H:%M").to_string()).collect()
}

fn faulty(rule: &str, due: &str) -> String {
    recurrence(rule, "UTC").check_rule(at(due, "UTC")).expect_err(rule)
}

#[test]
fn the_time_of_day_stays_the_same_when_clocks_change() {
    let rule = recurrence("FREQ=WEEKLY", "Europe/Berlin");
    let all = series(&rule, at("2026-01-05 09:00", "Europe/Berlin"), 53);
    assert!(all.iter().all(|time| time.weekday() == Weekday::Mon && time.time().to_string() == "09:00:00"));
    let mut this = Occurrence::first(at("2026-03-23 09:00", "Europe/Berlin"));
    this = rule.next(&this, this.scheduled_at, this.scheduled_at).unwrap();
    assert_eq!(this.scheduled_at.to_rfc3339(), "2026-03-30T07:00:00+00:00");

    // Days on which the time does not exist or comes twice. The day after is as before.
    let times = |rule, zone, first| {
        let mut this = Occurrence::first(at(first, zone));
        let rule = recurrence(rule, zone);
        std::array::from_fn(|_| {
            this = rule.next(&this, this.scheduled_at, this.scheduled_at).unwrap();
            this.scheduled_at.with_timezone(&rule.zone()).to_rfc3339()
        })
    };
    assert_eq!(
        times("FREQ=DAILY", "America/New_York", "2026-03-07 02:30"),
        ["2026-03-08T03:30:00-04:00", "2026-03-09T02:30:00-04:00"]
    );
    assert_eq!(
        times("FREQ=DAILY", "America/New_York", "2026-10-31 01:30"),
        ["2026-11-01T01:30:00-04:00", "2026-11-02T01:30:00-05:00"]
    );
    // Time zones in which midnight itself is skipped or comes twice.
    assert_eq!(
        times("FREQ=DAILY", "America/Sao_Paulo", "2018-11-03 00:00"),
        ["2018-11-04T01:00:00-02:00", "2018-11-05T00:00:00-02:00"]
    );
    assert_eq!(
        times("FREQ=DAILY", "America/Havana", "2026-10-31 00:30"),
        ["2026-11-01T00:30:00-04:00", "2026-11-02T00:30:00-05:00"]
    );
    // A change by half an hour, and a whole day that an island skipped.
    assert_eq!(
        times("FREQ=DAILY", "Australia/Lord_Howe", "2026-10-03 02:15"),
        ["2026-10-04T02:45:00+11:00", "2026-10-05T02:15:00+11:00"]
    );
    assert_eq!(
        times("FREQ=DAILY", "Asia/Kolkata", "2026-12-31 00:00"),
        ["2027-01-01T00:00:00+05:30", "2027-01-02T00:00:00+05:30"]
    );
    assert_eq!(
        times("FREQ=DAILY", "Pacific/Apia", "2011-12-29 09:00"),
        ["2011-12-31T09:00:00+14:00", "2012-01-01T09:00:00+14:00"]
    );
}

#[test]
fn common_rules_name_the_expected_dates() {
    let berlin = |rule: &str, first: &str, most| {
        shown(&series(&recurrence(rule, "Europe/Berlin"), at(first, "Europe/Berlin"), most))
    };
    assert_eq!(
        berlin("FREQ=MONTHLY;BYDAY=-1FR", "2026-01-30 17:00", 4),
        ["2026-01-30 17:00", "2026-02-27 17:00", "2026-03-27 17:00", "2026-04-24 17:00"]
    );
    assert_eq!(
        berlin("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "2026-03-26 23:30", 4),
        ["2026-03-26 23:30", "2026-03-27 23:30", "2026-03-30 23:30", "2026-03-31 23:30"]
    );
    assert_eq!(
        berlin("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE", "2026-10-19 00:00", 5),
        ["2026-10-19 00:00", "2026-10-21 00:00", "2026-11-02 00:00", "2026-11-04 00:00", "2026-11-16 00:00"]
    );
    assert_eq!(berlin("FREQ=YEARLY", "2096-02-29 12:00", 2), ["2096-02-29 12:00", "2104-02-29 12:00"]);
    assert_eq!(berlin("FREQ=MONTHLY", "2026-01-31 12:00", 2), ["2026-01-31 12:00", "2026-03-31 12:00"]);
    assert_eq!(berlin("FREQ=YEARLY;INTERVAL=10", "2026-05-01 12:00", 2)[1], "2036-05-01 12:00");
    assert_eq!(berlin("FREQ=YEARLY;BYWEEKNO=1", "2026-01-01 12:00", 2)[1], "2027-01-07 12:00");
    assert_eq!(
        berlin("FREQ=MONTHLY;BYDAY=SU,1WE", "2026-02-01 12:00", 4),
        ["2026-02-01 12:00", "2026-02-04 12:00", "2026-02-08 12:00", "2026-02-15 12:00"]
    );
    assert_eq!(berlin("FREQ=DAILY;BYHOUR=8;BYMINUTE=15", "2026-01-01 12:00", 2)[1], "2026-01-02 08:15");
    assert_eq!(berlin("RRULE:FREQ=DAILY;COUNT=2", "2026-01-01 12:00", 9).len(), 2);
    for (until, days) in [("20260103", 3), ("20260103T115959", 2), ("20260103T110000Z", 3), ("20260103T105959Z", 2)] {
        assert_eq!(berlin(&format!("FREQ=DAILY;UNTIL={until}"), "2026-01-01 12:00", 9).len(), days, "{until}");
    }
}

#[test]
fn moving_an_occurrence_neither_moves_nor_repeats_others() {
    let zone = "Europe/Berlin";
    let rule = recurrence("FREQ=WEEKLY;BYDAY=MO", zone);
    let this =
        Occurrence { starts_at: at("2026-01-05 09:00", zone), number: 3, scheduled_at: at("2026-01-19 09:00", zone) };
    for (moved, next) in [
        ("2026-01-19 09:00", "2026-01-26 09:00"),
        ("2026-01-17 12:00", "2026-01-26 09:00"),
        ("2026-01-25 12:00", "2026-01-26 09:00"),
        ("2026-01-26 08:00", "2026-02-02 09:00"),
        ("2026-03-01 08:00", "2026-03-02 09:00"),
    ] {
        let found = rule.next(&this, at(moved, zone), at("2027-01-01 00:00", zone)).unwrap();
        assert_eq!(found, Occurrence { starts_at: this.starts_at, number: 4, scheduled_at: at(next, zone) }, "{moved}");
    }
}

#[test]
fn counted_from_completion_the_series_begins_on_the_day_of_completion() {
    let zone = "Europe/Berlin";
    for (rule, completed, next) in [
        ("FREQ=DAILY;INTERVAL=3", "2026-03-27 23:50", "2026-03-30 09:00"),
        ("FREQ=DAILY;INTERVAL=3", "2026-03-28 00:10", "2026-03-31 09:00"),
        ("FREQ=WEEKLY", "2026-01-07 08:00", "2026-01-14 09:00"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE", "2026-01-05 08:00", "2026-01-07 09:00"),
        ("FREQ=MONTHLY", "2026-01-31 08:00", "2026-02-28 09:00"),
        ("FREQ=YEARLY", "2028-02-29 08:00", "2029-02-28 09:00"),
        ("FREQ=MONTHLY;BYMONTHDAY=15", "2026-01-15 08:00", "2026-02-15 09:00"),
        ("RSCALE=GREGORIAN;FREQ=MONTHLY", "2026-01-31 08:00", "2026-02-28 09:00"),
        ("RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD", "2026-01-31 08:00", "2026-02-28 09:00"),
        ("RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=FORWARD", "2026-01-31 08:00", "2026-03-01 09:00"),
        ("RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=OMIT", "2026-01-31 08:00", "2026-03-31 09:00"),
    ] {
        let rule = Recurrence { from: CountedFrom::Completion, ..recurrence(rule, zone) };
        let first = Occurrence::first(at("2026-01-01 09:00", zone));
        let found = rule.next(&first, first.scheduled_at, at(completed, zone)).unwrap();
        assert_eq!(found.scheduled_at, at(next, zone), "{} {completed}", rule.rrule);
    }
    let ends = Recurrence { from: CountedFrom::Completion, ..recurrence("FREQ=DAILY;UNTIL=20260110", zone) };
    let first = Occurrence::first(at("2026-01-01 09:00", zone));
    assert_eq!(ends.next(&first, first.scheduled_at, at("2026-01-10 09:00", zone)), None);
}

#[test]
fn an_early_completion_does_not_repeat_a_named_day_and_intervals_count_from_completion() {
    let zone = "Europe/Berlin";
    for (rule, scheduled, moved, completed, next) in [
        ("FREQ=WEEKLY;BYDAY=MO", "2026-01-12", "2026-01-12", "2026-01-11", "2026-01-19"),
        ("FREQ=WEEKLY;BYDAY=MO", "2026-01-12", "2026-01-12", "2026-01-02", "2026-01-19"),
        ("FREQ=WEEKLY;BYDAY=MO", "2026-01-12", "2026-01-12", "2026-01-12", "2026-01-19"),
        ("FREQ=WEEKLY;BYDAY=MO", "2026-01-12", "2026-01-12", "2026-01-19", "2026-01-26"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "2026-01-12", "2026-01-12", "2026-01-11", "2026-01-19"),
        ("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", "2026-01-12", "2026-01-12", "2026-01-09", "2026-01-13"),
        // The occurrence was moved to a later or an earlier day. Neither day comes again.
        ("FREQ=WEEKLY;BYDAY=MO,WE", "2026-01-12", "2026-01-14", "2026-01-13", "2026-01-19"),
        ("FREQ=WEEKLY;BYDAY=MO,WE", "2026-01-14", "2026-01-12", "2026-01-12", "2026-01-19"),
        ("FREQ=MONTHLY;BYMONTHDAY=15", "2026-01-15", "2026-01-15", "2026-01-14", "2026-02-15"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "2026-01-30", "2026-01-30", "2026-01-29", "2026-02-27"),
        ("FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=1", "2026-03-01", "2026-03-01", "2026-02-28", "2027-03-01"),
        // Three days, a week, and a month after completion: these rules do not name days.
        ("FREQ=DAILY;INTERVAL=3", "2026-01-12", "2026-01-12", "2026-01-05", "2026-01-08"),
        ("FREQ=WEEKLY", "2026-01-12", "2026-01-12", "2026-01-06", "2026-01-13"),
        ("FREQ=MONTHLY", "2026-01-31", "2026-01-31", "2026-01-30", "2026-02-28"),
    ] {
        let rule = Recurrence { from: CountedFrom::Completion, ..recurrence(rule, zone) };
        let [scheduled_at, due_at, completed_at, next] =
            [scheduled, moved, completed, next].map(|day| at(&format!("{day} 09:00"), zone));
        let this = Occurrence { starts_at: at("2026-01-01 09:00", zone), number: 2, scheduled_at };
        let found = rule.next(&this, due_at, completed_at).unwrap();
        assert_eq!(found.scheduled_at, next, "{} completed {completed}", rule.rrule);
    }
}

#[test]
fn unsupported_rules_are_refused_quickly_and_with_a_reason() {
    for (rule, reason) in [
        ("FREQ=SECONDLY", "daily"),
        ("FREQ=MINUTELY;INTERVAL=1440", "daily"),
        ("FREQ=HOURLY;COUNT=3", "daily"),
        ("FREQ=DAILY;BYHOUR=9,17", "once a day"),
        ("FREQ=DAILY;BYSECOND=0,1", "once a day"),
        ("FREQ=DAILY;INTERVAL=0", "at least 1"),
        ("FREQ=DAILY;COUNT=0", "at least 1"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20300101", "both"),
        ("FREQ=DAILY;UNTIL=20251231", "before the due date"),
        ("FREQ=DAILY;UNTIL=tomorrow", "UNTIL such as"),
        ("FREQ=DAILY;UNTIL=20260230", "UNTIL such as"),
        ("FREQ=WEEKLY;BYDAY=2MO", "number weekdays"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "go together"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "10 years"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "10 years"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "10 years"),
        ("FREQ=MONTHLY;BYMONTH=4;BYMONTHDAY=31", "10 years"),
        ("FREQ=YEARLY;BYYEARDAY=1;BYMONTH=12", "10 years"),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6", "10 years"),
        ("FREQ=YEARLY;INTERVAL=11", "10 years"),
        ("RSCALE=CHINESE;FREQ=YEARLY", "RSCALE must be GREGORIAN"),
        ("RSCALE=HEBREW;FREQ=MONTHLY;SKIP=FORWARD", "RSCALE must be GREGORIAN"),
        ("RSCALE=;FREQ=MONTHLY", "RSCALE must be GREGORIAN"),
        ("FREQ=MONTHLY;SKIP=BACKWARD", "RSCALE=GREGORIAN where it has SKIP"),
        ("RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=SIDEWARD", "OMIT, BACKWARD or FORWARD"),
        ("RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=", "OMIT, BACKWARD or FORWARD"),
        ("RSCALE=GREGORIAN;FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "10 years"),
        ("RSCALE=GREGORIAN;FREQ=MONTHLY;BYMONTHDAY=0;SKIP=BACKWARD", "10 years"),
        ("FREQ=DAILY;INTERVAL=65535", "10 years"),
        ("FREQ=MONTHLY;INTERVAL=65535", "10 years"),
    ] {
        let begun = std::time::Instant::now();
        let fault = faulty(rule, "2026-01-01 09:00");
        assert!(fault.contains(reason), "{rule}: {fault}");
        assert!(begun.elapsed() < PATIENCE, "{rule} took {:?}", begun.elapsed());
    }
    // Far from the beginning, and at the end of the calendar.
    let rule = recurrence("FREQ=DAILY", "Pacific/Kiritimati");
    let begun = std::time::Instant::now();
    let first = Occurrence::first(at("1970-01-01 00:00", "UTC"));
    assert!(rule.next(&first, at("9990-06-01 00:00", "UTC"), Utc::now()).is_some());
    assert!(rule.next(&first, at("9999-12-31 23:59", "UTC"), Utc::now()).is_none());
    assert!(rule.check_rule(at("9999-12-31 23:59", "UTC")).is_err());
    assert!(begun.elapsed() < PATIENCE);
}

#[test]
fn only_a_single_rrule_is_accepted() {
    assert!(is_rule("FREQ=DAILY") && is_rule("RRULE:FREQ=DAILY") && is_rule("freq=daily;until=20300101T000000Z"));
    let long = format!("FREQ=MONTHLY;BYMONTHDAY={}", ["1"; 300].join(","));
    for bad in [
        "",
        "every day",
        "INTERVAL=2",
        "FREQ=FORTNIGHTLY",
        "FREQ=DAILY;FREQ=WEEKLY",
        "FREQ=DAILY;UNTIL=20300101;UNTIL=20310101",
        "RSCALE=GREGORIAN;FREQ=DAILY;RSCALE=GREGORIAN",
        "RSCALE=GREGORIAN;FREQ=DAILY;SKIP=OMIT;SKIP=OMIT",
        "RSCALE=GREGORIAN",
        "FREQ=DAILY;SKIPS=OMIT",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;INTERVAL=99999999999",
        "FREQ=DAILY;BYDAY=éa",
        "FREQ=DAILY;BYDAY=",
        "FREQ=DAILY;éaéaéa=1",
        "DTSTART:20260101T090000Z\nRRULE:FREQ=DAILY",
        "DTSTART:20260101T090000Z",
        "EXRULE:FREQ=DAILY",
        "RRULE:RRULE:FREQ=DAILY",
        "RRULE:FREQ=DAILY\nEXDATE:20260102T090000Z",
        "FREQ=DAILY;DTSTART=20260101T090000Z",
        &long,
    ] {
        assert!(!is_rule(bad), "{bad}");
    }
}

/// A generator of small pseudo-random numbers, which are the same in each run.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[usize::try_from(self.throw(from.len() as u64)).unwrap()]
    }
}

/// Returns a rule that the crate `rrule` interprets as the RFC does: numbers of weeks come with weekdays, either all
/// weekdays have a number or none, and positions are not used with weeks, because the crate lets the first week begin
/// on the first day of the series.
fn any_rule(dice: &mut Dice) -> String {
    let freq = dice.pick(&["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]);
    let week_start = dice.pick(&["MO", "SU", "TH"]);
    let mut rule = format!("FREQ={freq};INTERVAL={};WKST={week_start}", 1 + dice.throw(4));
    let days = dice.pick(&["", "", "BYDAY=MO,WE", "BYDAY=SU", "BYDAY=MO,TU,WE,TH,FR"]);
    let more = match freq {
        "DAILY" => dice.pick(&["", "BYMONTH=1,6,12", "BYMONTHDAY=1,15,-1"]),
        "WEEKLY" => dice.pick(&["", "BYMONTH=2,3", "BYMONTH=12"]),
        "MONTHLY" => dice.pick(&["", "BYMONTHDAY=13,-2", "BYDAY=1MO,-1FR", "BYDAY=2TU,4SU", "BYMONTH=2,9"]),
        _ => dice.pick(&[
            "",
            "BYWEEKNO=1,20,53,-1",
            "BYYEARDAY=1,60,-1",
            "BYMONTH=2,11",
            "BYDAY=10MO,-1SU",
            "BYMONTHDAY=29",
        ]),
    };
    let days = if more.starts_with("BYWEEKNO") && days.is_empty() { "BYDAY=TU,FR" } else { days };
    for part in [more, if more.starts_with("BYDAY") { "" } else { days }] {
        if !part.is_empty() {
            rule.extend([";", part]);
        }
    }
    if !(days.is_empty() && more.is_empty()) && matches!(freq, "MONTHLY" | "YEARLY") && dice.throw(3) == 0 {
        rule += dice.pick(&[";BYSETPOS=1", ";BYSETPOS=-1", ";BYSETPOS=2,-2"]);
    }
    rule
}

#[test]
fn random_rules_name_the_same_days_as_the_crate_rrule() {
    let mut dice = Dice(5545);
    for _ in 0..500 {
        let text = any_rule(&mut dice);
        let first =
            DateTime::from_timestamp(946_720_800 + i64::try_from(dice.throw(9000)).unwrap() * 86_400, 0).unwrap();
        let rule = recurrence(&text, "UTC");
        let found = series(&rule, first, 12);
        let start = first.with_timezone(&rrule::Tz::UTC);
        let theirs = text.parse::<rrule::RRule<rrule::Unvalidated>>().unwrap().validate(start).unwrap();
        let theirs = rrule::RRuleSet::new(start).limit().rrule(theirs);
        let theirs = theirs.into_iter().map(|time| time.naive_utc()).filter(|time| *time > first.naive_utc());
        let mut expected = vec![first.naive_utc()];
        for time in theirs.take(11) {
            let last = expected[expected.len() - 1].date();
            if time.date() > last.checked_add_months(chrono::Months::new(rule::YEARS * 12)).unwrap() {
                break;
            }
            expected.push(time);
        }
        assert_eq!(shown(&found), shown(&expected), "{text} from {first}");
        assert_eq!(rule.check_rule(first).is_ok(), expected.len() > 1, "{text} from {first}");
    }
}
