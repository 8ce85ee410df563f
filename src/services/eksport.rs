//! The reads of the EksportService: each in its turn, for an answer may hold the whole register.

use hyper::body::Bytes;

use crate::export::{Export, ReadOperation, told};
use crate::gateway::{Asked, Desk, Full, Handler, Next, Reading};
use crate::message::Message;
use crate::server::exchange::{Answer, AnswerBody};
use crate::store::{StoreError, StoreExt as _};

impl Handler for ReadOperation {
    fn handle(&'static self, _: &Desk<'_>, mut asked: Asked<Message>) -> Next {
        let about = asked.about();
        // Nobody counts in it any more, and it is not held while the call waits.
        asked.text = String::new();
        let read = Box::new(move |desk: &Desk<'_>| self.answer(desk, &asked));
        Next::Read(Reading { about, read })
    }
}

impl ReadOperation {
    fn answer(&'static self, desk: &Desk<'_>, asked: &Asked<Message>) -> Result<Answer, Full> {
        let mirrors = desk.mirrors.now();
        let export = Export {
            service: asked.call.service,
            operation: self,
            message: &asked.request.message,
            caller: &asked.caller,
            reply: desk.reply(asked),
            tables: desk.tables,
            mirrors: &mirrors,
            shared_records: desk.shared_records,
            now: desk.now(),
            most: desk.bounds.most(),
        };
        let at_hand = match export.is_whole() {
            true => desk.store().read(|view| export.at_hand(view)),
            false => Ok(None),
        };
        let given = match at_hand {
            Ok(Some(parts)) => Ok(Ok(parts)),
            Ok(None) => {
                // Waited for without a view: what is read afterwards is what was written meanwhile.
                let _alone = export.is_whole().then(|| desk.shared_records.alone());
                desk.store().read_long(|view| told(export.answer(view)))
            }
            Err(error) => Err(error),
        };
        match given {
            Ok(Ok(parts)) => {
                // What is shared in several parts counts once for all; an answer in one part counts for itself.
                let body = match <[Bytes; 1]>::try_from(parts) {
                    Ok([whole]) => desk.room_for(whole)?.into(),
                    Err(parts) => AnswerBody::of(parts),
                };
                Ok(desk.answer(asked, body, None))
            }
            Ok(Err(problem)) => Ok(desk.refuse(asked, &problem)),
            Err(StoreError::Busy) => Ok(desk.busy(asked.about())),
            Err(error) => Ok(desk.failed(asked.about(), &error)),
        }
    }
}
