package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"github.com/meibo-dev/meibo/internal/document"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/seal"
	"github.com/meibo-dev/meibo/internal/store"
)

// PledgeForm is the pledge as it is given out to be signed, by hand or with the
// person's own certificate. The first one given out is kept, and given out again.
func (l *Ledger) PledgeForm(ctx context.Context, c meibo.Caller, key string, id meibo.PledgeID) (document.File, error) {
	p, form, minor, err := l.form(ctx, c, id)
	if err != nil || form.Content != nil {
		return form, wrap("give out form", err)
	}
	pdf, err := document.Pledge{Pledge: p, Fonts: l.fonts}.Form(minor)
	if err != nil {
		return form, err
	}
	d := deed{c, meibo.ActGiveForm, key, []string{string(id)}}
	_, err = l.pledgeOf(ctx, d, id, verbRecordPledge, func(b *meibo.Book, s meibo.Scene) (meibo.Pledge, []any, error) {
		doc := newDocument(s, "application/pdf", pdf)
		p, err := b.GiveForm(s, id, doc.ID)
		return p, []any{doc}, err
	})
	if err != nil && !errors.Is(err, meibo.ErrConflict) { // somebody else was faster, or it is not open
		return form, err
	}
	_, again, _, errAgain := l.form(ctx, c, id)
	if again.Content == nil {
		return again, errors.Join(err, errAgain)
	}
	return again, wrap("give out form", errAgain)
}

// form reads a pledge and the form that was given out; without content when none was.
func (l *Ledger) form(ctx context.Context, c meibo.Caller, id meibo.PledgeID) (p meibo.Pledge, f document.File, minor bool, err error) {
	if p, err = l.Pledge(ctx, c, id); err != nil {
		return p, f, false, err
	}
	f = document.File{Name: "meibo-pledge-form-" + string(id) + ".pdf", MediaType: "application/pdf"}
	err = l.db.View(ctx, func(r *store.Reader) error {
		person, err := store.One[meibo.Person](r, p.PersonID)
		minor = !person.Adult
		if err != nil || p.FormID == "" {
			return err
		}
		d, err := store.One[meibo.Document](r, p.FormID)
		f.Content = d.Bytes
		return err
	})
	return p, f, minor, err
}

// A Paper is a pledge that came back signed.
type Paper struct {
	Way       meibo.PledgeWay // empty: SignedOnPaper
	MediaType string
	Bytes     []byte     // kept as they are
	SignedOn  meibo.Date // empty, with a certificate: the day that the signature says, or today
	Guardian  bool       // the legal representative of a minor has consented
}

// RecordPledge keeps a signed paper, or the form signed with a certificate of the
// person's own. It counts once somebody else has verified it.
func (l *Ledger) RecordPledge(ctx context.Context, c meibo.Caller, key string, id meibo.PledgeID, paper Paper) (PledgeAnswer, error) {
	if err := l.mayAnywhere(c, verbRecordPledge); err != nil {
		return PledgeAnswer{}, err
	}
	if err := paper.check(); err != nil {
		return PledgeAnswer{}, err
	}
	scan := document.Scan{MediaType: paper.MediaType, Content: paper.Bytes}
	if paper.Way == meibo.SignedByCertificate {
		_, form, _, err := l.form(ctx, c, id)
		switch {
		case err != nil:
			return PledgeAnswer{}, wrap("record pledge", err)
		case form.Content == nil:
			return PledgeAnswer{}, meibo.Refuse(meibo.ErrConflict, "FORM_NOT_GIVEN_OUT")
		}
		scan.Form = form.Content
	}
	if err := l.inspectScan(ctx, scan); err != nil {
		return PledgeAnswer{}, err
	}
	signed := meibo.SignedPaper{Way: meibo.SignedOnPaper, SignedOn: paper.SignedOn, Guardian: paper.Guardian}
	if paper.Way == meibo.SignedByCertificate {
		var err error
		if signed, err = l.signedByCertificate(paper, scan.Form); err != nil {
			return PledgeAnswer{}, err
		}
	}
	sum := sha256.Sum256(paper.Bytes)
	d := deed{c, meibo.ActRecordPledge, key, []any{id, hex.EncodeToString(sum[:]), paper.SignedOn, paper.Guardian, signed.Way}}
	return l.pledgeOf(ctx, d, id, verbRecordPledge, func(b *meibo.Book, s meibo.Scene) (meibo.Pledge, []any, error) {
		doc := newDocument(s, paper.MediaType, paper.Bytes)
		signed.DocumentID = doc.ID
		p, err := b.RecordPaper(s, id, signed)
		return p, []any{doc}, err
	})
}

func (p Paper) check() error {
	var ps meibo.Problems
	switch {
	case len(p.Bytes) == 0:
		ps = append(ps, meibo.Problem{Field: "document", Code: "REQUIRED"})
	case len(p.Bytes) > meibo.MaxDocument:
		ps = append(ps, meibo.Problem{Field: "document", Code: "FILE_TOO_LARGE"})
	}
	if !document.ScanTypes[p.MediaType] {
		ps = append(ps, meibo.Problem{Field: "media_type", Code: "UNKNOWN_VALUE"})
	}
	if p.Way != "" && p.Way != meibo.SignedOnPaper && p.Way != meibo.SignedByCertificate {
		ps = append(ps, meibo.Problem{Field: "way", Code: "UNKNOWN_VALUE"})
	}
	return ps.Err()
}

// inspectScan refuses a paper that is not what it is said to be, or that brings
// along what nobody should open.
func (l *Ledger) inspectScan(ctx context.Context, s document.Scan) error {
	code, err := l.inspect(ctx, s)
	switch {
	case err != nil:
		return errors.Join(meibo.Refuse(meibo.ErrBusy, "SCAN_UNCHECKED"), err)
	case code != "":
		return meibo.Problems{{Field: "document", Code: code}}
	}
	return nil
}

// signedByCertificate verifies the signature on a form and says how it was given.
// The evidence names the certificate and not the person; the file has both.
func (l *Ledger) signedByCertificate(paper Paper, form []byte) (meibo.SignedPaper, error) {
	if l.sealing.People == nil {
		return meibo.SignedPaper{}, meibo.Refuse(meibo.ErrConflict, "NO_PERSON_ROOTS")
	}
	now := l.Now()
	who, code := seal.VerifyPersonal(paper.Bytes, len(form), l.sealing.People, now.Time())
	if code != "" {
		return meibo.SignedPaper{}, meibo.Problems{{Field: "document", Code: meibo.ProblemCode(code)}}
	}
	on := now.Day()
	if !who.SignedAt.IsZero() {
		on = meibo.InstantOf(who.SignedAt).Day()
	}
	if paper.SignedOn != "" && paper.SignedOn != on {
		return meibo.SignedPaper{}, meibo.Problems{{Field: "signed_on", Code: "SIGNED_ON_DIFFERS"}}
	}
	formSum, fileSum := sha256.Sum256(form), sha256.Sum256(paper.Bytes)
	evidence, err := meibo.Canonical(map[string]string{
		"way": "certificate", "form": hex.EncodeToString(formSum[:]), "hash": hex.EncodeToString(fileSum[:]),
		"issuer": who.Issuer, "serial": who.Serial, "fingerprint": who.Fingerprint, "verified_at": now.Time().Format(time.RFC3339),
	})
	return meibo.SignedPaper{Way: meibo.SignedByCertificate, SignedOn: on, Guardian: paper.Guardian, Evidence: string(evidence)}, err
}

// A RecordedPaper is a paper as it was recorded, for whoever verifies it.
type RecordedPaper struct {
	meibo.Document
	Name   meibo.Personal         // of the person whose it should be
	Signer seal.PersonalSignature // of a certificate: its words, read again
}

// PledgePaper reads the paper of a pledge as it was recorded. Of one that was signed
// with a certificate it tells whose that is, as far as the roots still vouch for it.
func (l *Ledger) PledgePaper(ctx context.Context, c meibo.Caller, id meibo.PledgeID) (RecordedPaper, error) {
	p, err := l.Pledge(ctx, c, id)
	if err != nil {
		return RecordedPaper{}, err
	}
	var r RecordedPaper
	var form meibo.Document
	err = l.db.View(ctx, func(reader *store.Reader) error {
		person, err := store.One[meibo.Person](reader, p.PersonID)
		if err != nil {
			return err
		}
		r.Name = person.Name
		if r.Document, err = store.One[meibo.Document](reader, p.DocumentID); err == nil && p.Way == meibo.SignedByCertificate {
			form, err = store.One[meibo.Document](reader, p.FormID)
		}
		return err
	})
	if err == nil && r.Gone() {
		return r, meibo.Refuse(meibo.ErrNotFound, "PLEDGE_DISPOSED")
	}
	if err == nil && p.Way == meibo.SignedByCertificate {
		r.Signer, _ = seal.VerifyPersonal(r.Bytes, len(form.Bytes), l.sealing.People, r.CreatedAt.Time())
	}
	return r, wrap("read paper", err)
}
