package directory

// What the pure checks of the tests look at.
var (
	Equals          = equals
	Within          = within
	DefinitionNames = definitionNames
	Description     = description
)

// Filter is the filter of an id.
func (id ID) Filter() string { return id.filter() }

// IDOf reads an attribute's value.
func IDOf(kind IDKind, value string) ID { return newID(kind, value) }

// CheckFrame tells whether the wire lets a message through, and how many elements it counts.
func CheckFrame(data []byte) (int, error) {
	f, err := checkFrame(data)
	return f.elements, err
}

// EntryDN is the name that the wire keeps of an entry that is too large.
func EntryDN(data []byte) string { return entryDN(data) }
