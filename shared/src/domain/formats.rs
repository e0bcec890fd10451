//! The formats of text fields, by the name that they have in the OpenAPI document (`format: line`).

use std::str::FromStr;

/// A format: its name, what a value that breaks it is told, and the check.
pub struct Format {
    /// As in the OpenAPI document.
    pub name: &'static str,
    /// Completes "This field …".
    pub rule: &'static str,
    /// Whether a value keeps to it.
    pub check: fn(&str) -> bool,
}

/// Every format that is not one of JSON Schema's own.
pub const FORMATS: [Format; 8] = [
    Format {
        name: "line",
        rule: "must be one line of text that is not blank, without control characters",
        check: is_line,
    },
    Format {
        name: "text",
        rule: "must not contain control characters other than line breaks and tabs",
        check: is_text,
    },
    Format {
        name: "password",
        rule: "must not contain control characters",
        check: |s| !s.chars().any(char::is_control),
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
        check: is_timestamp,
    },
    Format {
        name: "time-of-day",
        rule: "must be a time of day, such as 08:00",
        check: |s| super::preferences::TimeOfDay::from_str(s).is_ok(),
    },
    Format {
        name: "reminder-offset",
        rule: "must be an ISO 8601 duration of at most 30 days in weeks, days, hours and minutes, such as P1D or PT1H30M",
        check: |s| super::preferences::parse_offset(s).is_some(),
    },
];

fn is_line(text: &str) -> bool {
    !text.trim().is_empty() && !text.chars().any(char::is_control)
}

fn is_text(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

fn is_time_zone(name: &str) -> bool {
    chrono_tz::Tz::from_str(name).is_ok()
}

fn is_timestamp(text: &str) -> bool {
    use chrono::Datelike;
    chrono::DateTime::parse_from_rfc3339(text).is_ok_and(|time| (1970..=9999).contains(&time.to_utc().year()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, value: &str) -> bool {
        (FORMATS.iter().find(|f| f.name == name).unwrap().check)(value)
    }

    #[test]
    fn a_line_has_something_to_read_and_no_control_characters() {
        assert!(check("line", "Écrire à 山田 🎉"));
        for bad in ["", "   ", "two\nlines", "nul\0", "esc\u{1b}[31m", "\u{85}"] {
            assert!(!check("line", bad), "{bad:?}");
        }
    }

    #[test]
    fn a_text_may_have_lines_and_tabs_only() {
        assert!(check("text", "# Title\r\n\n\t- item") && check("text", ""));
        assert!(!check("text", "a\0b") && !check("text", "a\u{8}b"));
    }

    #[test]
    fn time_zones_rules_and_times_are_parsed() {
        assert!(check("time-zone", "Asia/Kolkata") && !check("time-zone", "Mars/Olympus"));
        assert!(check("rrule", "FREQ=MONTHLY;BYDAY=-1FR") && !check("rrule", "every day"));
        assert!(check("date-time", "2026-03-01T09:00:00+05:30"));
        for bad in ["2026-03-01", "0001-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "9999-12-31T23:59:59-01:00"] {
            assert!(!check("date-time", bad), "{bad}");
        }
    }
}
