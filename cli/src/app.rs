//! What every command has at hand.

use std::path::PathBuf;

use aludel_engine::driver::Driver;
use aludel_engine::project::Place;

use crate::arguments::Global;
use crate::registry::Registry;
use crate::render::Terminal;

/// What every command has at hand.
#[derive(Debug)]
pub(crate) struct App {
    /// What was typed for every command.
    pub(crate) global: Global,
    /// The drivers.
    pub(crate) registry: Registry,
    /// Where results and messages go.
    pub(crate) terminal: Terminal,
}

impl App {
    pub(crate) fn new(global: Global, drivers: &'static [&'static dyn Driver], terminal: Terminal) -> Self {
        App { global, registry: Registry::new(drivers), terminal }
    }

    /// Where the project is searched.
    pub(crate) fn place(&self) -> Place {
        match (&self.global.config, &self.global.project) {
            (Some(file), _) => Place::File(file.clone()),
            (None, Some(directory)) => Place::Directory(directory.clone()),
            (None, None) => Place::Directory(PathBuf::from(".")),
        }
    }

    /// Whether a project was named on the command line.
    pub(crate) fn names_project(&self) -> bool {
        self.global.config.is_some() || self.global.project.is_some()
    }
}
