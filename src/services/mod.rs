//! The services that `dtr` serves, as values: their operations, and what each does with a message. The tables of writes and
//! reads are `import`'s and `export`'s own; what they answer is decided there. Here is how a message comes to it.

mod eksport;
mod import;
mod trying;

use crate::contract::Service;
use crate::contract::services::{EKSPORT_V1, EKSPORT_V2, IMPORT_V1, IMPORT_V2};
use crate::export::READS;
use crate::gateway::{Definition, Operate};
use crate::import::WRITES;
use trying::{GetXmlSchema, HelloWorld, ValidateXmlAgainstSchema};

/// All services, in the order in which callers are told of them.
pub fn all() -> Vec<Definition> {
    vec![
        import(&IMPORT_V1),
        import(&IMPORT_V2),
        eksport(&EKSPORT_V1),
        eksport(&EKSPORT_V2),
    ]
}

/// A version of the ImportService.
fn import(service: &'static Service) -> Definition {
    let tried: [&dyn Operate; 3] = [&HelloWorld, &GetXmlSchema, &ValidateXmlAgainstSchema];
    let writes = WRITES.iter().map(|write| *write as &dyn Operate);
    let operations = tried.into_iter().chain(writes).collect();
    Definition {
        service,
        operations,
    }
}

/// A version of the EksportService.
fn eksport(service: &'static Service) -> Definition {
    let mut operations: Vec<&'static dyn Operate> = vec![&HelloWorld];
    let reads = READS.iter().filter(|read| read.since <= service.version);
    operations.extend(reads.map(|read| *read as &dyn Operate));
    Definition {
        service,
        operations,
    }
}
