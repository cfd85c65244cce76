//! Progress on a terminal.

use crate::inventory::guard::Guard;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::Duration;

/// Shows how far a stage is. Vanishes when dropped; shows nothing where nobody watches.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    pub(super) fn new(stage: &'static str, visible: bool) -> Progress {
        if !visible {
            return Progress { bar: ProgressBar::hidden() };
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix} {human_pos} {msg}") {
            bar.set_style(style);
        }
        bar.set_prefix(stage);
        bar.enable_steady_tick(Duration::from_millis(200));
        Progress { bar }
    }

    /// How much there is in all, once it is known: bytes, rows or checks.
    pub fn total(&self, total: u64) {
        self.bar.set_length(total);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix} [{bar:30}] {percent} % {msg}") {
            self.bar.set_style(style.progress_chars("=> "));
        }
    }

    /// So much more was done.
    pub fn advance(&self, amount: u64) {
        self.bar.inc(amount);
    }

    /// What is being worked on, for example a file; cleaned of token values and control characters.
    pub fn on(&self, what: &str) {
        self.bar.set_message(crate::render::clean::line(&Guard::built_in().without_tokens(what)).into_owned());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
