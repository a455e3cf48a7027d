package seal

import (
	"bytes"
	"encoding/json"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// A FileVerdict is what became of a file, and what the log says of it.
type FileVerdict struct {
	Verdict
	// Proven is the entry that answers for these very bytes; nil without a proof of them.
	Proven *Proven
	// Origin is of which row the paper is, as it says itself; nil where it is not intact,
	// or does not say.
	Origin *meibo.Origin
	// Written is the entry to which the paper leads; nil where nobody has looked.
	Written *Written
	// Consent is what the document of a pledge that was signed with a passkey proves; nil
	// where it is no such document.
	Consent *Consent
}

// Written is the entry of the log that has written a paper's row, as the paper says, and
// the head under which it stands. That there is such an entry is proven. That it has
// written the row is only where the paper shows it: Shown. Of an entry that is not shown
// nothing but its number is known, and the rest is the word of who sealed.
type Written struct {
	Entry meibo.Entry
	Head  Checkpoint
	Shown bool
}

// VerifyFile tells what became of a sealed PDF or package. A proof that is given
// must be the file's, or the file counts as changed; the entry that an intact paper names
// must be in the log, and have written the paper's row where it is shown, or the file
// counts as unknown. Without the log's key, nil,
// neither is looked at. A consent that goes along must verify, or the file counts as
// unknown, too.
func VerifyFile(content []byte, proof string, trust Trust, log *Verifier) FileVerdict {
	f := FileVerdict{Verdict: VerifyPDF(content, trust)}
	if bytes.HasPrefix(content, []byte("PK")) {
		f.Verdict, _ = VerifyPackage(content, trust)
	} else if f.State == Intact {
		f.trace(content, log)
	}
	if f.State == Intact {
		f.hear(content)
	}
	if proof != "" && log != nil {
		f.prove(proof, log)
	}
	return f
}

// trace follows the paper to the log.
func (f *FileVerdict) trace(content []byte, log *Verifier) {
	o, err := originOf(content)
	if err == nil && o != nil && log != nil {
		w := new(Written)
		w.Entry, w.Head, err = verifyOrigin(*o, log)
		w.Shown = o.Record != ""
		f.Written = w
	}
	if err != nil {
		f.State, f.Code, f.Written = Unknown, "ORIGIN_UNPROVEN", nil
		return
	}
	f.Origin = o
}

func (f *FileVerdict) prove(proof string, log *Verifier) {
	var p meibo.Proof
	if err := json.Unmarshal([]byte(proof), &p); err != nil {
		f.State, f.Code = Changed, "PROOF_DAMAGED"
		return
	}
	proven, err := VerifyProof(p, log)
	switch {
	case err != nil:
		f.State, f.Code = Changed, "PROOF_DAMAGED"
	case proven.Row["hash"] != f.Hash:
		f.State, f.Code = Changed, "NOT_IN_LOG"
	default:
		f.Proven = &proven
	}
}
