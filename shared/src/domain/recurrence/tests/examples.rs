//! The RFC's own examples.

use chrono::{Datelike, NaiveDate};

use super::*;

/// The examples of RFC 5545, section 3.8.5.3, that come at most once a day: the first date, the rule, and the dates
/// that follow, each month as `1997-09: 2 3 4`. All are at 9:00 in New York. Rules with COUNT or UNTIL are complete; of
/// others only the beginning is listed.
const EXAMPLES: &[(&str, &str, &str)] = &[
    ("19970902", "FREQ=DAILY;COUNT=10", "1997-09: 2 3 4 5 6 7 8 9 10 11"),
    ("19970902", "FREQ=DAILY;INTERVAL=2", "1997-09: 2 4 6 8 10 12 14 16 18 20 22 24 26 28 30, 1997-10: 2 4 6 8"),
    ("19970902", "FREQ=DAILY;INTERVAL=10;COUNT=5", "1997-09: 2 12 22, 1997-10: 2 12"),
    ("19970902", "FREQ=WEEKLY;COUNT=10", "1997-09: 2 9 16 23 30, 1997-10: 7 14 21 28, 1997-11: 4"),
    (
        "19970902",
        "FREQ=WEEKLY;UNTIL=19971224T000000Z",
        "1997-09: 2 9 16 23 30, 1997-10: 7 14 21 28, 1997-11: 4 11 18 25, 1997-12: 2 9 16 23",
    ),
    (
        "19970902",
        "FREQ=WEEKLY;INTERVAL=2;WKST=SU",
        "1997-09: 2 16 30, 1997-10: 14 28, 1997-11: 11 25, 1997-12: 9 23, 1998-01: 6 20, 1998-02: 3 17",
    ),
    (
        "19970902",
        "FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH",
        "1997-09: 2 4 9 11 16 18 23 25 30, 1997-10: 2",
    ),
    ("19970902", "FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH", "1997-09: 2 4 9 11 16 18 23 25 30, 1997-10: 2"),
    (
        "19970901",
        "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR",
        "1997-09: 1 3 5 15 17 19 29, 1997-10: 1 3 13 15 17 27 29 31, 1997-11: 10 12 14 24 26 28, 1997-12: 8 10 12 22",
    ),
    ("19970902", "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH", "1997-09: 2 4 16 18 30, 1997-10: 2 14 16"),
    (
        "19970905",
        "FREQ=MONTHLY;COUNT=10;BYDAY=1FR",
        "1997-09: 5, 1997-10: 3, 1997-11: 7, 1997-12: 5, 1998-01: 2, 1998-02: 6, 1998-03: 6, 1998-04: 3, 1998-05: 1, 1998-06: 5",
    ),
    (
        "19970905",
        "FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR",
        "1997-09: 5, 1997-10: 3, 1997-11: 7, 1997-12: 5",
    ),
    (
        "19970907",
        "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU",
        "1997-09: 7 28, 1997-11: 2 30, 1998-01: 4 25, 1998-03: 1 29, 1998-05: 3 31",
    ),
    (
        "19970922",
        "FREQ=MONTHLY;COUNT=6;BYDAY=-2MO",
        "1997-09: 22, 1997-10: 20, 1997-11: 17, 1997-12: 22, 1998-01: 19, 1998-02: 16",
    ),
    (
        "19970928",
        "FREQ=MONTHLY;BYMONTHDAY=-3",
        "1997-09: 28, 1997-10: 29, 1997-11: 28, 1997-12: 29, 1998-01: 29, 1998-02: 26",
    ),
    (
        "19970902",
        "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15",
        "1997-09: 2 15, 1997-10: 2 15, 1997-11: 2 15, 1997-12: 2 15, 1998-01: 2 15",
    ),
    (
        "19970930",
        "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1",
        "1997-09: 30, 1997-10: 1 31, 1997-11: 1 30, 1997-12: 1 31, 1998-01: 1 31, 1998-02: 1",
    ),
    (
        "19970910",
        "FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15",
        "1997-09: 10 11 12 13 14 15, 1999-03: 10 11 12 13",
    ),
    (
        "19970902",
        "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU",
        "1997-09: 2 9 16 23 30, 1997-11: 4 11 18 25, 1998-01: 6 13 20 27, 1998-03: 3 10 17 24 31",
    ),
    (
        "19970610",
        "FREQ=YEARLY;COUNT=10;BYMONTH=6,7",
        "1997-06: 10, 1997-07: 10, 1998-06: 10, 1998-07: 10, 1999-06: 10, 1999-07: 10, 2000-06: 10, 2000-07: 10, 2001-06: 10,
         2001-07: 10",
    ),
    (
        "19970310",
        "FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3",
        "1997-03: 10, 1999-01: 10, 1999-02: 10, 1999-03: 10, 2001-01: 10, 2001-02: 10, 2001-03: 10, 2003-01: 10, 2003-02: 10,
         2003-03: 10",
    ),
    (
        "19970101",
        "FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200",
        "1997-01: 1, 1997-04: 10, 1997-07: 19, 2000-01: 1, 2000-04: 9, 2000-07: 18, 2003-01: 1, 2003-04: 10, 2003-07: 19,
         2006-01: 1",
    ),
    ("19970519", "FREQ=YEARLY;BYDAY=20MO", "1997-05: 19, 1998-05: 18, 1999-05: 17"),
    ("19970512", "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "1997-05: 12, 1998-05: 11, 1999-05: 17"),
    ("19970313", "FREQ=YEARLY;BYMONTH=3;BYDAY=TH", "1997-03: 13 20 27, 1998-03: 5 12 19 26, 1999-03: 4 11 18 25"),
    (
        "19970605",
        "FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8",
        "1997-06: 5 12 19 26, 1997-07: 3 10 17 24 31, 1997-08: 7 14 21 28, 1998-06: 4 11 18 25, 1998-07: 2 9 16 23 30",
    ),
    (
        "19970902", // which the RFC excludes with an EXDATE; here the first occurrence is the task itself
        "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
        "1997-09: 2, 1998-02: 13, 1998-03: 13, 1998-11: 13, 1999-08: 13, 2000-10: 13",
    ),
    (
        "19970913",
        "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13",
        "1997-09: 13, 1997-10: 11, 1997-11: 8, 1997-12: 13, 1998-01: 10, 1998-02: 7, 1998-03: 7, 1998-04: 11, 1998-05: 9,
         1998-06: 13",
    ),
    (
        "19961105",
        "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
        "1996-11: 5, 2000-11: 7, 2004-11: 2",
    ),
    ("19970904", "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "1997-09: 4, 1997-10: 7, 1997-11: 6"),
    (
        "19970929",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
        "1997-09: 29, 1997-10: 30, 1997-11: 27, 1997-12: 30, 1998-01: 29, 1998-02: 26, 1998-03: 30",
    ),
    ("19970805", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "1997-08: 5 10 19 24"),
    ("19970805", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "1997-08: 5 17 19 31"),
    ("20070115", "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "2007-01: 15 30, 2007-02: 15, 2007-03: 15 30"),
];

/// The Gregorian examples of RFC 7529, some from libical, and others that its text describes.
const SKIPS: &[(&str, &str, &str)] = &[
    ("20120229", "RSCALE=GREGORIAN;FREQ=YEARLY;COUNT=4", "2012-02: 29, 2016-02: 29, 2020-02: 29, 2024-02: 29"),
    ("20120229", "RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=OMIT;COUNT=2", "2012-02: 29, 2016-02: 29"),
    (
        "20120229",
        "RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=FORWARD",
        "2012-02: 29, 2013-03: 1, 2014-03: 1, 2015-03: 1, 2016-02: 29, 2017-03: 1",
    ),
    (
        "20120229",
        "RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=BACKWARD",
        "2012-02: 29, 2013-02: 28, 2014-02: 28, 2015-02: 28, 2016-02: 29, 2017-02: 28",
    ),
    ("20960229", "FREQ=YEARLY;RSCALE=GREGORIAN;SKIP=BACKWARD;INTERVAL=2", "2096-02: 29, 2098-02: 28, 2100-02: 28"),
    ("20140131", "RSCALE=GREGORIAN;FREQ=MONTHLY;COUNT=4", "2014-01: 31, 2014-03: 31, 2014-05: 31, 2014-07: 31"),
    ("20140131", "RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=OMIT;COUNT=3", "2014-01: 31, 2014-03: 31, 2014-05: 31"),
    (
        "20140131",
        "RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD;COUNT=4",
        "2014-01: 31, 2014-02: 28, 2014-03: 31, 2014-04: 30",
    ),
    ("20140131", "RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=FORWARD;COUNT=4", "2014-01: 31, 2014-03: 1 31, 2014-05: 1"),
    (
        "20140131",
        "RSCALE=GREGORIAN;FREQ=MONTHLY;INTERVAL=3;SKIP=FORWARD;COUNT=4",
        "2014-01: 31, 2014-05: 1, 2014-07: 31, 2014-10: 31",
    ),
    ("20140131", "RSCALE=GREGORIAN;FREQ=MONTHLY;INTERVAL=3;SKIP=BACKWARD", "2014-01: 31, 2014-04: 30, 2014-07: 31"),
    ("20140130", "RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD", "2014-01: 30, 2014-02: 28, 2014-03: 30, 2014-04: 30"),
    (
        "20150228",
        "RSCALE=GREGORIAN;FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28,29;SKIP=FORWARD;COUNT=5",
        "2015-02: 28, 2015-03: 1, 2016-02: 28 29, 2017-02: 28",
    ),
    // Two days with the same replacement are one occurrence.
    (
        "20150131",
        "RSCALE=GREGORIAN;FREQ=MONTHLY;BYMONTHDAY=29,30,31;SKIP=BACKWARD",
        "2015-01: 31, 2015-02: 28, 2015-03: 29 30 31, 2015-04: 29 30, 2015-05: 29",
    ),
    (
        "20150131",
        "RSCALE=GREGORIAN;FREQ=MONTHLY;BYMONTHDAY=1,31;SKIP=FORWARD",
        "2015-01: 31, 2015-02: 1, 2015-03: 1 31, 2015-04: 1",
    ),
    (
        "20150131",
        "RSCALE=GREGORIAN;FREQ=YEARLY;BYMONTH=1,2,4;SKIP=BACKWARD",
        "2015-01: 31, 2015-02: 28, 2015-04: 30, 2016-01: 31",
    ),
    (
        "20150131",
        "RSCALE=GREGORIAN;FREQ=MONTHLY;BYMONTH=2,4;SKIP=FORWARD",
        "2015-01: 31, 2015-03: 1, 2015-05: 1, 2016-03: 1",
    ),
    // Weekdays and positions apply after the replacement.
    (
        "20150131",
        "RSCALE=GREGORIAN;FREQ=MONTHLY;BYMONTHDAY=31;BYDAY=SA,SU;SKIP=BACKWARD",
        "2015-01: 31, 2015-02: 28, 2015-05: 31",
    ),
    (
        "20150131",
        "RSCALE=GREGORIAN;FREQ=MONTHLY;BYMONTHDAY=15,31;BYSETPOS=-1;SKIP=BACKWARD",
        "2015-01: 31, 2015-02: 28, 2015-03: 31",
    ),
    // Counted from the end, a day that does not exist is before the first.
    (
        "20150301",
        "RSCALE=GREGORIAN;FREQ=MONTHLY;BYMONTHDAY=-31;SKIP=BACKWARD",
        "2015-03: 1 31, 2015-05: 1 31, 2015-07: 1",
    ),
    (
        "20150301",
        "RSCALE=GREGORIAN;FREQ=MONTHLY;BYMONTHDAY=-31;SKIP=FORWARD",
        "2015-03: 1, 2015-04: 1, 2015-05: 1, 2015-06: 1",
    ),
    ("20161231", "RSCALE=GREGORIAN;FREQ=YEARLY;BYYEARDAY=366;SKIP=BACKWARD", "2016-12: 31, 2017-12: 31, 2018-12: 31"),
    (
        "20161231",
        "RSCALE=GREGORIAN;FREQ=YEARLY;BYYEARDAY=366;SKIP=FORWARD",
        "2016-12: 31, 2018-01: 1, 2019-01: 1, 2020-01: 1, 2020-12: 31",
    ),
    // Days that every month has are not affected, and a fifth Monday is not a day of a month.
    ("20140115", "RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD", "2014-01: 15, 2014-02: 15, 2014-03: 15"),
    ("20150330", "RSCALE=GREGORIAN;FREQ=MONTHLY;BYDAY=5MO;SKIP=BACKWARD", "2015-03: 30, 2015-06: 29, 2015-08: 31"),
    ("20150131", "RSCALE=GREGORIAN;FREQ=DAILY;BYMONTHDAY=31;SKIP=BACKWARD", "2015-01: 31, 2015-03: 31"),
    ("20150131", "rscale=gregorian;freq=monthly;skip=backward;until=20150228", "2015-01: 31, 2015-02: 28"),
];

#[test]
fn examples_of_the_rfcs() {
    for (first, rrule, expected) in EXAMPLES.iter().chain(SKIPS) {
        let rule = recurrence(rrule, "America/New_York");
        let first = NaiveDate::parse_from_str(first, "%Y%m%d").unwrap().and_hms_opt(9, 0, 0).unwrap();
        let first = instant(first, rule.zone());
        rule.check_rule(first).unwrap();
        let expected: Vec<String> = expected
            .split(',')
            .flat_map(|month| {
                let (month, days) = month.trim().split_once(": ").unwrap();
                days.split(' ').map(move |day| format!("{month}-{day:0>2} 09:00"))
            })
            .collect();
        let ends = rrule.contains("COUNT") || rrule.to_uppercase().contains("UNTIL");
        let found = series(&rule, first, expected.len() + usize::from(ends));
        assert_eq!(shown(&found), expected, "{rrule}");
    }
}

#[test]
fn long_examples_of_the_rfc() {
    let all = series(
        &recurrence("FREQ=DAILY;UNTIL=19971224T000000Z", "America/New_York"),
        at("1997-09-02 09:00", "America/New_York"),
        1000,
    );
    assert_eq!((all.len(), shown(&all).pop().unwrap().as_str()), (113, "1997-12-23 09:00"));
    for rule in [
        "FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA",
        "FREQ=DAILY;UNTIL=20000131T140000Z;BYMONTH=1",
    ] {
        let all = series(&recurrence(rule, "America/New_York"), at("1998-01-01 09:00", "America/New_York"), 1000);
        assert_eq!((all.len(), shown(&all).pop().unwrap().as_str()), (93, "2000-01-31 09:00"));
        assert!(all.iter().all(|time| time.month() == 1));
    }
}
