//! The people roster, as an HR system exports it: everybody, leavers included.

use super::organisation::Organisation;
use crate::report::words;
use std::io::{self, Write};

pub fn write(organisation: &Organisation, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "Employee ID,Legal Name,Work Email,Status,Hire Date,Termination Date,Department")?;
    for person in (0..organisation.people()).map(|number| organisation.person(number)) {
        let status = if person.left_at.is_some() { "Terminated" } else { "Active" };
        let left = person.left_at.map(words::date).unwrap_or_default();
        let (number, first, last, email) = (person.number, person.first, person.last, person.email);
        writeln!(out, "{number:05},\"{last}, {first}\",{email},{status},2021-04-01,{left},Engineering")?;
    }
    Ok(())
}
