//! What a run tells while it goes on: a line for each revision, and on a terminal one that moves while something takes long.

use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use aludel_engine::execute::{Event, Observer};
use aludel_engine::plan::Direction;
use aludel_engine::revision::RevisionId;
use aludel_engine::schema::ObjectName;

use super::style::{CAUTION, FAINT, PLAIN, REVISION, paint};
use super::words::{count, cut, seconds, thousands};
use super::{Terminal, Voice};

/// From when on a statement is worth a line of its own.
const SLOW: Duration = Duration::from_secs(1);
/// How often somebody who waits without a terminal is told so.
const REMINDER: Duration = Duration::from_secs(10);
const TICK: Duration = Duration::from_millis(100);
const SPINNER: [char; 10] = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/// Listens to a run.
#[derive(Debug)]
pub(crate) struct Progress {
    voice: Voice,
    quiet: bool,
    verbose: bool,
    /// The revision that runs: what its line will say.
    revision: String,
    statement: String,
    reminded: Option<Duration>,
    /// When the batches of a statement were told of last, since it began.
    told: Duration,
    finished: Vec<RevisionId>,
    ticker: Option<Ticker>,
}

/// The thread that moves the live line.
#[derive(Debug)]
struct Ticker {
    shared: Arc<Mutex<Live>>,
    thread: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Live {
    /// What goes on, and since when.
    doing: Option<(String, Instant)>,
    ended: bool,
}

impl Progress {
    /// Begins to listen.
    pub(crate) fn start(terminal: &Terminal) -> Self {
        let voice = terminal.voice();
        Progress {
            quiet: terminal.is_quiet(),
            verbose: terminal.is_verbose(),
            ticker: terminal.moves().then(|| Ticker::start(voice.clone())).flatten(),
            voice,
            revision: String::new(),
            statement: String::new(),
            reminded: None,
            told: Duration::ZERO,
            finished: Vec::new(),
        }
    }

    /// Stops listening, and gives the revisions that were finished.
    pub(crate) fn end(self) -> Vec<RevisionId> {
        if let Some(ticker) = self.ticker {
            ticker.end();
        }
        self.voice.clear();
        self.finished
    }

    fn doing(&self, what: Option<String>) {
        if let Some(ticker) = &self.ticker {
            let mut live = ticker.shared.lock().unwrap_or_else(PoisonError::into_inner);
            live.doing = what.map(|what| (what, Instant::now()));
        }
    }

    /// The same that went on, in other words.
    fn redoing(&self, what: String) {
        if let Some(ticker) = &self.ticker {
            let mut live = ticker.shared.lock().unwrap_or_else(PoisonError::into_inner);
            match &mut live.doing {
                Some((words, _)) => *words = what,
                None => live.doing = Some((what, Instant::now())),
            }
        }
    }

    fn line(&self, text: &str) {
        if !self.quiet {
            self.voice.line(text);
        }
    }

    fn waiting(&mut self, holder: Option<&str>, waited: Duration) {
        let holder = holder.unwrap_or("a session that the server does not name");
        let text = format!("waiting for another run: {holder}");
        let again = self.reminded.is_none_or(|last| self.ticker.is_none() && waited >= last + REMINDER);
        if again {
            self.reminded = Some(waited);
            self.line(&format!("{} {}", paint(CAUTION, &text), paint(FAINT, &format!("({})", seconds(waited)))));
            self.doing(Some(text));
        }
    }
}

impl Observer for Progress {
    fn notify(&mut self, event: &Event<'_>) {
        match event {
            Event::WaitingForLock { holder, waited } => self.waiting(*holder, *waited),
            Event::Resuming { revision, direction, done, total } => {
                let text = format!(
                    "continuing the half-run {} of {revision}: {done} of {} done",
                    direction.name(),
                    count(*total, "statement")
                );
                self.line(&paint(CAUTION, &text));
                self.revision = format!("{} {}", arrow(*direction), paint(REVISION, revision.as_str()));
                self.doing(Some(format!("{revision}")));
            }
            Event::Undoing { revision, direction, done, total } => {
                let so_far = if *done > 0 { format!("{done} of ") } else { String::new() };
                let text = format!(
                    "undoing the half-run {} of {revision}: {so_far}{}",
                    direction.name(),
                    count(*total, "statement")
                );
                self.line(&paint(CAUTION, &text));
                self.doing(Some(format!("{revision}")));
            }
            Event::RevisionStarted { revision, message, direction, number, total } => {
                let place = match total {
                    1 => String::new(),
                    _ => paint(FAINT, &format!("{number:>width$}/{total} ", width = digits(*total))),
                };
                let id = paint(REVISION, revision.as_str());
                // On a terminal the time it took has room in the same line.
                let room = match self.ticker {
                    Some(_) => width().saturating_sub(revision.as_str().chars().count() + 2 * digits(*total) + 20),
                    None => usize::MAX,
                };
                let message_shown = cut(message, room.clamp(16, 60));
                self.revision = format!("{place}{} {id}  {}", arrow(*direction), paint(PLAIN, &message_shown));
                self.doing(Some(format!("{revision}  {}", cut(message, 40))));
            }
            Event::StatementStarted { sql, .. } => {
                self.told = Duration::ZERO;
                self.statement = cut(sql, width().saturating_sub(16));
                self.doing(Some(cut(sql, 200)));
            }
            Event::StatementFinished { took, .. } => {
                if *took >= SLOW || self.verbose {
                    let text = format!("    {}  {}", seconds(*took), self.statement);
                    self.line(&paint(FAINT, &text));
                }
                self.doing(None);
            }
            Event::Batch { table, rows, total, own, took, .. } => {
                let text = walked(table, *rows, *total, *own, *took);
                // Somebody who reads lines gets one now and then.
                if self.ticker.is_none() && *took >= self.told + REMINDER {
                    self.told = *took;
                    self.line(&format!("    {}", paint(FAINT, &text)));
                }
                self.redoing(text);
            }
            Event::RowsSent { file, rows, bytes, total, .. } => {
                let share = bytes.saturating_mul(100).checked_div(*total).unwrap_or(100);
                self.redoing(format!(
                    "{file}: {}, {share} %",
                    count(usize::try_from(*rows).unwrap_or(usize::MAX), "row")
                ));
            }
            Event::Retrying { revision, attempt, pause, reason } => {
                let text = format!("{revision}: {}; attempt {attempt} in {}", cut(reason, 100), seconds(*pause));
                self.line(&paint(CAUTION, &text));
                self.doing(Some(format!("waiting to try {revision} again")));
            }
            Event::RevisionFinished { revision, took } => {
                self.doing(None);
                self.finished.push((*revision).clone());
                self.line(&format!("{}  {}", self.revision, paint(FAINT, &format!("({})", seconds(*took)))));
            }
        }
    }
}

/// How far the batches of a table are: `users: 125,000 of about 1,000,000 rows (12 %), 45,210 a second, 19 s to go`.
fn walked(table: &ObjectName, rows: u64, total: Option<u64>, own: u64, took: Duration) -> String {
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let rate = (own as f64 / took.as_secs_f64().max(0.001)) as u64;
    let mut text = format!("{table}: {}", thousands(rows));
    match total.filter(|total| *total >= rows) {
        Some(total) => {
            let share = (u128::from(rows) * 100).checked_div(u128::from(total)).unwrap_or(100);
            let _ = write!(text, " of about {} rows ({share} %), {} a second", thousands(total), thousands(rate));
            if let Some(left) = (total - rows).checked_div(rate) {
                let _ = write!(text, ", {} to go", seconds(Duration::from_secs(left)));
            }
        }
        None => {
            let _ = write!(text, " rows, {} a second", thousands(rate));
        }
    }
    text
}

fn arrow(direction: Direction) -> &'static str {
    match direction {
        Direction::Upgrade => "↑",
        Direction::Downgrade => "↓",
    }
}

impl Ticker {
    fn start(voice: Voice) -> Option<Self> {
        let shared = Arc::new(Mutex::new(Live::default()));
        let seen = shared.clone();
        let work = move || {
            for place in (0..SPINNER.len()).cycle() {
                std::thread::sleep(TICK);
                let live = seen.lock().unwrap_or_else(PoisonError::into_inner);
                if live.ended {
                    return;
                }
                let Some((doing, since)) = &live.doing else { continue };
                let took = since.elapsed();
                if took >= SLOW {
                    let head = format!("{} {} ", SPINNER[place], seconds(took));
                    let room = width().saturating_sub(head.chars().count() + 4);
                    voice.live(&format!("{head}{}", super::style::clean(&cut(doing, room))));
                }
            }
        };
        // Without the thread nothing moves, which is no reason not to run.
        let thread = std::thread::Builder::new().name("progress".to_owned()).spawn(work).ok()?;
        Some(Ticker { shared, thread })
    }

    fn end(self) {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner).ended = true;
        let _ = self.thread.join();
    }
}

fn digits(number: usize) -> usize {
    number.to_string().len()
}

/// How many characters fit a line of the terminal.
fn width() -> usize {
    terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_a_backfill_is() {
        let table = ObjectName::qualified("app", "users");
        let second = Duration::from_secs(1);
        let walked = |rows, total, own, took| walked(&table, rows, total, own, took);
        assert_eq!(
            walked(250_000, Some(1_000_000), 50_000, second),
            "app.users: 250,000 of about 1,000,000 rows (25 %), 50,000 a second, 15.0 s to go"
        );
        assert_eq!(walked(12, None, 12, 4 * second), "app.users: 12 rows, 3 a second");
        assert_eq!(walked(12, Some(10), 12, 4 * second), "app.users: 12 rows, 3 a second", "more came meanwhile");
        assert_eq!(walked(0, Some(10), 0, second), "app.users: 0 of about 10 rows (0 %), 0 a second");
        assert_eq!(walked(0, Some(0), 0, Duration::ZERO), "app.users: 0 of about 0 rows (100 %), 0 a second");
    }
}
