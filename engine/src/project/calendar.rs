//! A moment as the parts of a date, in UTC. The clock itself belongs to the caller.

use std::fmt;

/// A second in the proleptic Gregorian calendar, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub struct Moment {
    pub year: i64,
    pub month: u8,
    pub day: u8,
    pub hour: u8,
    pub minute: u8,
    pub second: u8,
    /// Seconds since 1970.
    pub epoch: i64,
}

const DAY: i64 = 86_400;

impl Moment {
    /// The moment so many seconds after the beginning of 1970, leap seconds not counted.
    #[must_use]
    pub fn from_unix(epoch: i64) -> Self {
        let seconds = epoch.rem_euclid(DAY);
        let (year, month, day) = civil(epoch.div_euclid(DAY));
        let part = |value: i64| u8::try_from(value).unwrap_or_default();
        Moment {
            year,
            month: part(month),
            day: part(day),
            hour: part(seconds / 3600),
            minute: part(seconds / 60 % 60),
            second: part(seconds % 60),
            epoch,
        }
    }

    /// The date alone: `2026-11-20`.
    #[must_use]
    pub fn date(&self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// RFC 3339: `2026-11-20T10:30:00Z`.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}T{:02}:{:02}:{:02}Z", self.date(), self.hour, self.minute, self.second)
    }
}

/// Year, month and day of a number of days since 1970-01-01, by eras of 400 years that begin in March, so that the leap
/// day is the last of its year: <https://howardhinnant.github.io/date_algorithms.html#civil_from_days>.
fn civil(days: i64) -> (i64, i64, i64) {
    const ERA: i64 = 146_097;
    let days = days + 719_468;
    let era = days.div_euclid(ERA);
    let day_of_era = days.rem_euclid(ERA);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_moments() {
        for (epoch, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_210_096, "2024-02-29T12:34:56Z"),
            (1_795_170_600, "2026-11-20T10:30:00Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(Moment::from_unix(epoch).to_string(), text);
        }
    }

    #[test]
    fn days_follow_each_other() {
        let lengths = |year: i64| {
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        };
        let mut day = 0;
        for year in 1970..2410 {
            for (month, length) in (1..).zip(lengths(year)) {
                for date in 1..=length {
                    let moment = Moment::from_unix(day * DAY + 3_661);
                    assert_eq!((moment.year, moment.month, moment.day, moment.hour), (year, month, date, 1));
                    day += 1;
                }
            }
        }
    }
}
