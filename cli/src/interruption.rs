//! Ctrl-C: the first one asks the run to stop in order, the second ends the program.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use aludel_engine::driver::Interrupt;

use crate::render::Terminal;

/// The exit code of a program that a signal ended, as shells report it.
const ENDED_BY_SIGNAL: i32 = 130;

/// Whether somebody asked to stop, and what to stop.
#[derive(Clone, Default)]
pub(crate) struct Interruption {
    /// Set by the first Ctrl-C.
    pub(crate) asked: Arc<AtomicBool>,
    running: Arc<Mutex<Option<Arc<dyn Interrupt>>>>,
}

static INSTALLED: OnceLock<Interruption> = OnceLock::new();

impl Interruption {
    /// Takes over Ctrl-C and the signals that ask a program to end.
    pub(crate) fn install(terminal: &Terminal) -> Self {
        let voice = terminal.voice();
        let interruption = INSTALLED.get_or_init(|| {
            let interruption = Interruption::default();
            let handler = interruption.clone();
            // Without a handler a signal ends the program, which the journal survives as well.
            let _ = ctrlc::set_handler(move || handler.signal(&voice));
            interruption
        });
        interruption.clone()
    }

    /// Says what the first Ctrl-C interrupts. Before there is anything, it ends the program.
    pub(crate) fn watch(&self, interrupt: Arc<dyn Interrupt>) {
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = Some(interrupt);
    }

    fn signal(&self, voice: &crate::render::Voice) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(running) = running.filter(|_| !self.asked.swap(true, Ordering::SeqCst)) else {
            voice.line("stopped at once; the next run looks at what was left half done");
            std::process::exit(ENDED_BY_SIGNAL);
        };
        voice.line("stopping: the running statement is cancelled and the state recorded (Ctrl-C again stops at once)");
        running.interrupt();
    }
}
