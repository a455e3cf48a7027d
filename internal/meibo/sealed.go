package meibo

// Tables of which papers are sealed, as the log names them.
const (
	PledgesTable = "pledges"
	RostersTable = "rosters"
)

// A SealedPaper says that the paper of a row was sealed, and where the file is that
// everybody gets from then on. Every pledge that is or was valid has one shortly
// after; a roster version has one for each form in which it was asked for.
type SealedPaper struct {
	OfTable    string         // PledgesTable or RostersTable
	OfKey      string         // of the row
	Form       string         // pdf, or change: the change notice
	ReaderID   OrganizationID // whom the paper shows its own people only; empty: it shows everybody
	DocumentID DocumentID
	Hash       string // hex SHA-256 of the sealed file
	Signer     string // name in the certificate of the seal
	Stamped    bool   // a timestamp authority has seen it
	Code       string // why none has: NO_AUTHORITY or AUTHORITY_SILENT
	SealedAt   Instant
}

// Key is the paper's key in the log.
func (p SealedPaper) Key() string {
	return p.OfTable + "/" + p.OfKey + "/" + p.Form + "/" + string(p.ReaderID)
}
