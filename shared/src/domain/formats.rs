//! The formats of text fields, by the name that they have in the OpenAPI document (`format: line`).

use std::str::FromStr;

use chrono::{DateTime, Datelike, Utc};

use super::{
    task::truncate_to_micros,
    text::{has_web_address, is_blank, is_good_password},
};

/// A format: its name, the error for a value that breaks it, and the check.
pub struct Format {
    /// The name in the OpenAPI document.
    pub name: &'static str,
    /// Completes "This field …".
    pub rule: &'static str,
    /// Returns whether a value has this format.
    pub check: fn(&str) -> bool,
}

/// The rule that [`is_text`] checks.
pub(super) const TEXT_RULE: &str = "must not contain control characters other than line breaks and tabs";

/// All formats that JSON Schema does not define.
pub const FORMATS: [Format; 10] = [
    Format {
        name: "line",
        rule: "must be one line of text with something to read in it, without control characters",
        check: is_line,
    },
    Format {
        name: "name",
        rule: "must be one line of text with something to read in it, without control characters or a web address",
        check: |s| is_line(s) && !has_web_address(s),
    },
    Format {
        name: "email",
        rule: "must be an e-mail address at a domain with a dot, such as ann@example.com",
        check: super::account::is_email,
    },
    Format { name: "text", rule: TEXT_RULE, check: is_text },
    Format {
        name: "password",
        rule: "must have at least 10 characters, not all of them blank, and no control characters",
        // The schema already rejects passwords that are too short, except those that only look long enough.
        check: |s| s.chars().count() < 10 || is_good_password(s),
    },
    Format { name: "time-zone", rule: "must be an IANA time zone, such as Europe/Berlin", check: is_time_zone },
    Format {
        name: "rrule",
        rule: "must be an RFC 5545 recurrence rule, such as FREQ=WEEKLY;BYDAY=MO",
        check: super::recurrence::is_rule,
    },
    Format {
        name: "date-time",
        rule: "must be an RFC 3339 time between the years 1970 and 9999, such as 2026-03-01T09:00:00Z",
        check: |s| instant(s).is_some_and(|time| (1970..=9999).contains(&time.year())),
    },
    Format {
        name: "time-of-day",
        rule: "must be a time of day, such as 08:00",
        check: |s| super::time::TimeOfDay::from_str(s).is_ok(),
    },
    Format {
        name: "reminder-offset",
        rule: "must be an ISO 8601 duration of at most 30 days in weeks, days, hours and minutes, such as P1D or PT1H30M",
        check: |s| super::time::parse_offset(s).is_some(),
    },
];

fn is_line(text: &str) -> bool {
    !is_blank(text) && !text.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
}

pub(super) fn is_text(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

fn is_time_zone(name: &str) -> bool {
    chrono_tz::Tz::from_str(name).is_ok()
}

/// Returns the instant that an RFC 3339 time names, in the precision of the database; a leap second is the beginning
/// of the next minute. `None` if its year does not have four digits.
pub fn instant(text: &str) -> Option<DateTime<Utc>> {
    let time = truncate_to_micros(DateTime::parse_from_rfc3339(text).ok()?.to_utc());
    (0..=9999).contains(&time.year()).then_some(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, value: &str) -> bool {
        (FORMATS.iter().find(|f| f.name == name).unwrap().check)(value)
    }

    #[test]
    fn a_line_is_not_blank_and_has_no_control_characters() {
        assert!(check("line", "Écrire à 山田 🎉"));
        for bad in
            ["", "   ", "two\nlines", "two\u{2028}lines", "nul\0", "esc\u{1b}[31m", "\u{85}", "\u{200b}", "\u{3164}"]
        {
            assert!(!check("line", bad), "{bad:?}");
        }
    }

    #[test]
    fn line_breaks_and_tabs_are_the_only_control_characters_of_a_text() {
        assert!(check("text", "# Title\r\n\n\t- item") && check("text", ""));
        assert!(!check("text", "a\0b") && !check("text", "a\u{8}b"));
    }

    #[test]
    fn time_zones_rules_and_times_are_parsed() {
        assert!(check("time-zone", "Asia/Kolkata") && !check("time-zone", "Mars/Olympus"));
        assert!(check("rrule", "FREQ=MONTHLY;BYDAY=-1FR") && !check("rrule", "every day"));
        assert!(check("date-time", "2026-03-01T09:00:00+05:30"));
        for bad in [
            "2026-03-01",
            "0001-01-01T00:00:00Z",
            "2026-02-30T00:00:00Z",
            "9999-12-31T23:59:59-01:00",
            "9999-12-31T23:59:60Z",
            "9999-12-31T22:59:60.9-01:00",
            "1969-12-31T23:59:59Z",
        ] {
            assert!(!check("date-time", bad), "{bad}");
        }
        assert!(check("date-time", "9999-12-31T23:59:59.9999999Z") && check("date-time", "1969-12-31T23:59:60Z"));
    }

    #[test]
    fn a_name_is_no_advertisement() {
        assert!(
            check("name", "Ann B.")
                && !check("name", "Win at https://evil.example")
                && !check("name", "www.evil.example")
        );
    }

    #[test]
    fn a_password_has_ten_characters_and_is_not_blank() {
        for good in ["correct horse", "          x", "ééééé ééééé", "\u{1f600}123456789"] {
            assert!(check("password", good), "{good}");
        }
        for bad in [
            "          ",
            "\u{3000}\u{a0}\u{200b}       ",
            "e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}",
            "new\nline and more",
        ] {
            assert!(!check("password", bad), "{bad:?}");
        }
    }
}
