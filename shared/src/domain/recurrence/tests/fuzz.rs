//! Tests random texts as rules: each is refused, or makes a correct series.

use std::{ops::RangeInclusive, time::Instant};

use proptest::{collection::vec, option::of, prelude::*, sample::select};

use super::*;

/// A rule with the parts of an RRULE and mostly valid values, so that many are parsed. A few characters may be changed,
/// or the whole text may be random.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => near_rule(),
        2 => (near_rule(), vec((any::<prop::sample::Index>(), "[A-Z0-9=;,+:é-]{0,2}"), 1..3)).prop_map(|(rule, edits)| {
            let mut text: Vec<char> = rule.chars().collect();
            for (at, new) in edits {
                let at = at.index(text.len());
                text.splice(at..=at, new.chars());
                text.push(';');
            }
            text.into_iter().collect()
        }),
        1 => "[A-Z0-9=;,+:-]{0,80}",
        1 => "\\PC{0,40}",
    ]
}

fn near_rule() -> impl Strategy<Value = String> {
    let often = prop_oneof![
        12 => select(vec!["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
        1 => select(vec!["HOURLY", "SECONDLY", "FORTNIGHTLY", ""]),
    ];
    let end = prop_oneof![
        6 => Just(String::new()),
        1 => numbers("COUNT", 0..=30, 1),
        1 => until().prop_map(|until| format!("UNTIL={until}")),
    ];
    let more = prop_oneof![
        numbers("BYMONTH", 1..=12, 3),
        numbers("BYMONTHDAY", -31..=31, 3),
        numbers("BYYEARDAY", -366..=366, 3),
        numbers("BYWEEKNO", -53..=53, 2),
        numbers("BYSETPOS", -5..=5, 2),
        numbers("BYHOUR", 0..=23, 1),
        numbers("BYMINUTE", 0..=59, 1),
        numbers("BYSECOND", 0..=60, 1),
        weekdays(),
        weekdays(),
        select(vec!["MO", "SU", "TH"]).prop_map(|day| format!("WKST={day}")),
    ];
    let skip = prop_oneof![
        4 => Just(""),
        1 => select(vec!["RSCALE=GREGORIAN", "RSCALE=HEBREW", "SKIP=OMIT"]),
        4 => select(vec!["RSCALE=GREGORIAN;SKIP=OMIT", "RSCALE=GREGORIAN;SKIP=BACKWARD", "SKIP=FORWARD;RSCALE=GREGORIAN"]),
    ];
    let interval = of(numbers("INTERVAL", 0..=12, 1));
    (often, skip, interval, vec(more, 0..4), end).prop_map(|(often, skip, interval, more, end)| {
        let mut parts = vec![format!("FREQ={often}"), skip.to_owned()];
        parts.extend(interval.into_iter().chain(more));
        parts.retain(|part| !part.is_empty());
        if !end.is_empty() {
            parts.push(end);
        }
        parts.join(";")
    })
}

fn numbers(name: &'static str, range: RangeInclusive<i32>, most: usize) -> impl Strategy<Value = String> {
    vec(range, 1..=most).prop_map(move |numbers| {
        let numbers: Vec<_> = numbers.iter().map(i32::to_string).collect();
        format!("{name}={}", numbers.join(","))
    })
}

fn weekdays() -> impl Strategy<Value = String> {
    let day = select(vec!["MO", "TU", "WE", "TH", "FR", "SA", "SU"]);
    let nth = prop_oneof![3 => Just(String::new()), 1 => (-6..=6).prop_map(|nth: i32| nth.to_string())];
    vec((nth, day), 1..4).prop_map(|days| {
        let days: Vec<_> = days.iter().map(|(nth, day)| format!("{nth}{day}")).collect();
        format!("BYDAY={}", days.join(","))
    })
}

fn until() -> impl Strategy<Value = String> {
    let formats = select(vec!["%Y%m%dT%H%M%SZ", "%Y%m%dT%H%M%S", "%Y%m%d", "%Y-%m-%d"]);
    (any_time(), formats).prop_map(|(time, format)| time.format(format).to_string())
}

/// Times that the API accepts, most of them near the present.
fn any_time() -> impl Strategy<Value = DateTime<Utc>> {
    let seconds = prop_oneof![4 => 1_700_000_000..2_000_000_000_i64, 1 => 0..253_402_300_799_i64];
    seconds.prop_map(|seconds| DateTime::from_timestamp(seconds, 0).unwrap())
}

/// Time zones in which clocks change by an hour, by half an hour and by a day, and one in which they do not change.
fn any_zone() -> impl Strategy<Value = &'static str> {
    select(vec!["UTC", "Europe/Berlin", "America/Havana", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca"])
}

proptest! {
    #[test]
    fn an_accepted_rule_makes_a_series_within_its_limits(text in any_text(), zone in any_zone(), due in any_time()) {
        let begun = Instant::now();
        let rule = recurrence(&text, zone);
        if rule.check(Some(due)).is_ok() {
            prop_assert!(is_rule(&text));
            let parsed = Rule::parse(&text, rule.zone()).unwrap();
            let all: Vec<_> = std::iter::successors(Some(Occurrence::first(due)), |this| {
                rule.next(this, this.scheduled_at, this.scheduled_at)
            }).take(20).collect();
            if parsed.count().is_none() && parsed.until.is_none() {
                prop_assert!(all.len() > 1, "it has a second occurrence, or would have been refused");
            }
            prop_assert!(parsed.count().is_none_or(|count| all.len() <= count.try_into().unwrap()));
            for (this, next) in all.iter().zip(&all[1..]) {
                let most = this.scheduled_at + chrono::Months::new(rule::YEARS * 12) + Days::new(2);
                prop_assert!(this.scheduled_at < next.scheduled_at && next.scheduled_at < most, "{:?} {:?}", this, next);
                prop_assert!(parsed.until.is_none_or(|until| next.scheduled_at <= until));
                prop_assert_eq!((next.starts_at, next.number), (due, this.number + 1));
            }
        }
        prop_assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
    }

    #[test]
    fn the_next_occurrence_is_after_the_day_of_completion(text in any_text(), zone in any_zone(), due in any_time(), done in any_time()) {
        let begun = Instant::now();
        let rule = Recurrence { from: CountedFrom::Completion, ..recurrence(&text, zone) };
        if rule.check(Some(due)).is_ok() && let Some(next) = rule.next(&Occurrence::first(due), due, done) {
            prop_assert!(local(next.scheduled_at, rule.zone()).date() > local(done, rule.zone()).date());
        }
        prop_assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
    }

    /// Tests a rule as a response contains it, and as other programs may write it: in lower case, with `RRULE:` in
    /// front, and with its parts in another order.
    #[test]
    fn case_prefix_and_order_of_parts_do_not_change_a_rule(text in any_text(), zone in any_zone()) {
        let rule = recurrence(&text, zone);
        let printed: Recurrence = serde_json::from_value(serde_json::json!(rule)).unwrap();
        prop_assert_eq!(&printed, &rule);
        if let Ok(first) = Rule::parse(&text, rule.zone()) {
            let text = text.strip_prefix("RRULE:").unwrap_or(&text);
            let parts: Vec<_> = text.split(';').rev().collect();
            let written = format!("RRULE:{}", parts.join(";").to_lowercase());
            let second = Rule::parse(&written, rule.zone());
            prop_assert!(second.is_ok_and(|second| second == first), "{}", written);
        }
    }
}
