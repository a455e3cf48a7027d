package authz

import "time"

// Context is what the calling system says of the circumstances of a question. Nothing in it grants anything: it is looked
// at where a rule asks for it, and what is asked for and not stated, or ill-formed, denies. What no rule asks for is not
// looked at. So leaving out a field never opens anything that stating it would not.
//
// There is one exception, and it asks for more, too: OnBehalfOf. Naming somebody asks that both are eligible, and naming
// nobody asks for the person alone; a system in which people act for others is registered as such and must name somebody.
type Context struct {
	Zone       string    // the network zone from which is asked
	Workplace  string    // the place at which the person works
	Device     string    // the device with which the person works
	Mode       Mode      // whether a human sits at the other end
	AuthLevel  int       // how strongly the person was authenticated, 1 to 9; 0: not stated
	AuthTime   time.Time // when the person was authenticated; zero: not stated
	OnBehalfOf string    // the person for whom the person acts; empty: nobody else
	CaseRef    string    // the number of the application, ticket or case (受付番号等)
	Permit     string    // the number of the city's permit
	Recipient  string    // who receives what is sent, provided or carried
	Medium     string    // on what it is sent, provided or carried
	Rows       int       // how many records are asked for; 0: not stated
	Nonce      string    // a word that the system never uses twice
	Asked      time.Time // when it asks; zero: not stated
	Reason     string    // why the emergency cannot wait; looked at for purposes of emergency only
}

// Mode says how a system works for the person.
type Mode string

// The modes.
const (
	ModeInteractive Mode = "interactive" // a human sits at the other end
	ModeBatch       Mode = "batch"       // a job runs by itself
)

// said returns a word of the context as it stands in the question.
func said(word string) string {
	if wellFormed(word) {
		return word
	}
	return unstated
}

// maxText is the length in bytes up to which free text of the context is accepted.
const maxText = 1024
