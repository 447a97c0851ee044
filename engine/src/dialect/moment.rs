//! Dates and times in texts: what ISO 8601 writes and a database without zones does not read, or keeps as it is.

use super::Unsupported;

/// The text of a date and time for a database that keeps no zones: `T` becomes a blank; an offset is worked into the time
/// for a moment, which is kept in UTC, and refused for a time without a zone. A text that does not look like a date and
/// time is left for the server to judge.
///
/// # Errors
/// When a zone stands where none can be kept, or is not one.
pub fn date_and_time(text: &str, moment: bool) -> Result<String, Unsupported> {
    let text = text.trim();
    let bytes = text.as_bytes();
    if bytes.len() < 16 || bytes.get(4) != Some(&b'-') || !matches!(bytes.get(10), Some(b'T' | b't' | b' ')) {
        return Ok(text.to_owned());
    }
    let (Some(date), Some(rest)) = (text.get(..10), text.get(11..)) else {
        return Ok(text.to_owned());
    };
    let (time, offset) = match rest.find(['Z', 'z', '+', '-']) {
        Some(at) => (rest[..at].trim_end(), Some(&rest[at..])),
        None => (rest, None),
    };
    let Some(offset) = offset else {
        return Ok(format!("{date} {time}"));
    };
    if !moment {
        return Err(Unsupported::new(format!(
            "`{text}` has a time zone, but its column is a `timestamp`, which has none"
        ))
        .help("write it without the zone, or make the column a `timestamptz`"));
    }
    let shifted = minutes(offset).and_then(|offset| shift(date, time, offset));
    shifted.ok_or_else(|| {
        Unsupported::new(format!("`{text}` is not a date and time with a zone"))
            .help("write it as `2026-11-20T10:30:00Z` or with an offset such as `+02:00`")
    })
}

/// Refuses what a database with years of four digits cannot keep: `infinity`, years before Christ or beyond 9999.
///
/// # Errors
/// When the date, or the date and time, is one of those.
pub fn four_digit_year(text: &str) -> Result<(), Unsupported> {
    let year = text.trim().find('-').unwrap_or(4);
    match year == 4 && !text.ends_with("infinity") && !text.ends_with(" BC") {
        true => Ok(()),
        false => {
            Err(Unsupported::new(format!("`{text}` is beyond the years 1 to 9999, which are all that can be kept"))
                .help("give the column another value there: `{sql: {postgres: …, …}}`"))
        }
    }
}

/// An offset in minutes: `Z`, `+02`, `+0200`, `+02:00`.
fn minutes(offset: &str) -> Option<i64> {
    if offset.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    let digits: String = offset[1..].chars().filter(|c| *c != ':').collect();
    let (hours, minutes) = match digits.len() {
        2 => (digits.as_str(), "0"),
        4 => digits.split_at(2),
        _ => return None,
    };
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours <= 15 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

fn shift(date: &str, time: &str, offset: i64) -> Option<String> {
    let mut parts = date.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let (clock, rest) = time.split_at_checked(5)?;
    let (hour, minute) = clock.split_once(':')?;
    let (hour, minute): (i64, i64) = (hour.parse().ok()?, minute.parse().ok()?);
    let total = days(year, month, day) * 1440 + hour * 60 + minute - offset;
    let (year, month, day) = civil(total.div_euclid(1440));
    let clock = total.rem_euclid(1440);
    Some(format!("{year:04}-{month:02}-{day:02} {:02}:{:02}{rest}", clock / 60, clock % 60))
}

/// Days since 1970-01-01 in the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The year, month and day of a number of days since 1970-01-01.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::date_and_time;

    #[test]
    fn offsets_are_worked_into_the_time() {
        for (text, sql) in [
            ("2026-11-20T10:30:00Z", "2026-11-20 10:30:00"),
            ("2026-01-01T00:30:00.25+01:00", "2025-12-31 23:30:00.25"),
            ("2024-02-28 23:30-0200", "2024-02-29 01:30"),
            ("2000-02-29T12:00:00+14", "2000-02-28 22:00:00"),
            ("2026-11-20", "2026-11-20"),
            ("soon", "soon"),
        ] {
            assert_eq!(date_and_time(text, true).expect(text), sql);
        }
        assert!(date_and_time("2026-11-20T10:30:00+99:00", true).is_err());
        assert!(date_and_time("2026-11-20T10:30:00+", true).is_err());
    }
}
