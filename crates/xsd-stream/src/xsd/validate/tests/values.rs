//! Values whose type is not all there is to them.

use super::{errors, schema};

/// A union leaves white space, IDs and the reading of a value to the member that takes it.
#[test]
fn what_unions_leave_to_their_members() {
    let schema = schema(
        "<xs:element name='d'><xs:simpleType><xs:restriction><xs:simpleType><xs:union memberTypes='xs:int xs:string'/></xs:simpleType>
           <xs:pattern value='[0-9]|[a-z ]{3}'/></xs:restriction></xs:simpleType></xs:element>
         <xs:element name='r'><xs:complexType><xs:sequence><xs:element name='i' maxOccurs='9' type='t:U' xmlns:t='urn:t'/></xs:sequence></xs:complexType></xs:element>
         <xs:simpleType name='U'><xs:union memberTypes='xs:int xs:ID'/></xs:simpleType>
         <xs:element name='e' type='xs:ENTITY'/><xs:element name='s' type='xs:ENTITIES'/>",
    );
    for (xml, want) in [
        ("<d @> 5 </d>", &[][..]),
        ("<d @> a </d>", &[]),
        ("<d @>a</d>", &["/d Pattern"]),
        (
            "<r @><i>a</i><i>1</i><i>1</i><i>a</i></r>",
            &["/r/i[4] DuplicateId"],
        ),
        ("<e @>a</e>", &["/e UndeclaredEntity"]),
        ("<e @>1</e>", &["/e InvalidLexical"]),
        ("<s @>a b</s>", &["/s UndeclaredEntity"]),
    ] {
        assert_eq!(
            errors(&schema, &xml.replace('@', "xmlns='urn:t'")),
            want,
            "{xml}"
        );
    }
}
