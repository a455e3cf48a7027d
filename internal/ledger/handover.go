package ledger

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"

	"github.com/go-json-experiment/json"

	"github.com/meibo-dev/meibo/internal/document"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/seal"
	"github.com/meibo-dev/meibo/internal/store"
)

// Sealing is how papers are sealed, and whose seals and answers count. Each is nil
// where it is not configured.
type Sealing struct {
	Sealer  *seal.Sealer
	Answers *x509.CertPool // roots of the certificates with which the city signs
	People  *x509.CertPool // roots of the certificates with which people sign their pledges
	Trust   seal.Trust     // who is believed when a file is verified
	// Changes are, by contractor, the roots of those who seal its packages of changes.
	Changes map[meibo.OrganizationID]*x509.CertPool
}

// NoticePackage is the hand-over of a notice to the city as one sealed container
// (ASiC-E): the roster in all its forms, the signed head of the log, and the proof
// that the log answers for the roster. It is for the city and the prime contractor
// only; a container is no encryption.
func (l *Ledger) NoticePackage(ctx context.Context, c meibo.Caller, id meibo.NoticeID) (document.File, error) {
	if l.sealing.Sealer == nil {
		return document.File{}, meibo.Refuse(meibo.ErrConflict, "NO_SEAL")
	}
	var n meibo.Notice
	err := l.db.View(ctx, func(r *store.Reader) (err error) {
		if n, err = store.One[meibo.Notice](r, id); err != nil {
			return err
		}
		b, err := l.book(r, c, n.ContractID, verbReadRoster)
		if err != nil {
			return err
		}
		if !whole(b, c) {
			return meibo.ErrNotFound
		}
		return nil
	})
	if err != nil {
		return document.File{}, wrap("read notice", err)
	}
	return l.Package(ctx, n)
}

// Package is NoticePackage for the house itself, which asks for no right.
func (l *Ledger) Package(ctx context.Context, n meibo.Notice) (document.File, error) {
	if l.sealing.Sealer == nil {
		return document.File{}, meibo.Refuse(meibo.ErrConflict, "NO_SEAL")
	}
	var proof meibo.Proof
	err := l.db.View(ctx, func(r *store.Reader) (err error) {
		proof, err = r.Proof("rosters", fmt.Sprintf("%s/%d", n.ContractID, n.Version))
		return err
	})
	if err != nil {
		return document.File{}, wrap("prove roster", err)
	}
	files, err := l.Enclosures(ctx, n)
	if err != nil {
		return document.File{}, err
	}
	text, err := meibo.Canonical(proof)
	if err != nil {
		return document.File{}, err
	}
	parts := []seal.Part{{Name: "checkpoint.txt", MediaType: "text/plain", Content: []byte(proof.Checkpoint)}, {Name: "proof.json", MediaType: "application/json", Content: text}}
	for _, f := range files {
		parts = append(parts, seal.Part{Name: f.Name, MediaType: f.MediaType, Content: f.Content})
	}
	done, err := l.sealing.Sealer.SealPackage(ctx, parts)
	name := fmt.Sprintf("meibo-%s-v%d.asice", n.ContractID, n.Version)
	return document.File{Name: name, MediaType: "application/vnd.etsi.asic-e+zip", Content: done.Content}, wrap("seal package", err)
}

// A SignedAnswer is what the city says of a roster version in a closed network. It
// comes as JSON inside a CMS signature by a certificate of the city.
type SignedAnswer struct {
	Format   string           `json:"format"`
	Contract meibo.ContractID `json:"contract"`
	Version  int              `json:"version"`
	Hash     string           `json:"hash"` // of the version that the city has seen
	Verdict  meibo.Verdict    `json:"verdict"`
	Person   meibo.PersonID   `json:"person,omitempty"` // whose line is returned
	Reason   meibo.Personal   `json:"reason,omitempty"`
}

// AnswerFormat names its form.
const AnswerFormat = "meibo-answer-1"

// ImportAnswer takes the city's signed answer. Whoever carries it needs no right to
// answer: the city's signature is what counts, and it is kept. An answer that no
// certificate of the city has signed is ErrForbidden.
func (l *Ledger) ImportAnswer(ctx context.Context, c meibo.Caller, key string, message []byte) (Answered, error) {
	if l.sealing.Answers == nil {
		return Answered{}, meibo.Refuse(meibo.ErrConflict, "NO_ANSWER_ROOTS")
	}
	content, err := seal.OpenSigned(message, l.sealing.Answers, l.Now().Time())
	if err != nil {
		return Answered{}, meibo.Refuse(meibo.ErrForbidden, "ANSWER_NOT_SIGNED")
	}
	var a SignedAnswer
	if err := json.Unmarshal(bytes.TrimSpace(content), &a, json.RejectUnknownMembers(true)); err != nil || a.Format != AnswerFormat {
		return Answered{}, meibo.Problems{{Field: "answer", Code: "MALFORMED_JSON"}}
	}
	if code := meibo.TextProblem(string(a.Reason)); code != "" {
		return Answered{}, meibo.Problems{{Field: "reason", Code: code}}
	}
	sum := sha256.Sum256(message)
	act := meibo.ActAcknowledge
	if a.Verdict == meibo.Returned {
		act = meibo.ActReturn
	}
	d := deed{c, act, key, []string{"import", hex.EncodeToString(sum[:])}}
	return write(ctx, l, d, func(tx *store.Tx, s meibo.Scene) (Answered, outcome, error) {
		if err := l.may(c, a.Contract, verbReportNotice); err != nil {
			return Answered{}, outcome{}, err
		}
		b, err := tx.Book(a.Contract)
		if err != nil {
			return Answered{}, outcome{}, err
		}
		if err := b.Answer(s, a.Version, a.Hash, a.Verdict, a.Person, a.Reason); err != nil {
			return Answered{}, outcome{}, err
		}
		kept := newDocument(s, "application/pkcs7-mime", message)
		rows, err := settled(tx, b)
		out := outcome{contract: a.Contract, subjects: []string{fmt.Sprint(a.Version), string(kept.ID)}, note: string(a.Verdict), rows: append([]any{kept}, rows...)}
		return Answered{a.Contract, a.Version, a.Verdict}, out, err
	})
}

// VerifyFile tells what became of a sealed PDF or package, as seal.VerifyFile says.
// It reads nothing of the ledger and keeps nothing.
func (l *Ledger) VerifyFile(content []byte, proof string) seal.FileVerdict {
	return seal.VerifyFile(content, proof, l.sealing.Trust, l.verifier)
}
