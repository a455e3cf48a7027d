package ledger

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"github.com/go-json-experiment/json"

	"github.com/meibo-dev/meibo/internal/document"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/seal"
	"github.com/meibo-dev/meibo/internal/store"
)

// A PackedChanges says what a package of changes is: whose, and in which of its files
// they stand.
type PackedChanges struct {
	Format       string               `json:"format"`
	Organization meibo.OrganizationID `json:"organization"`
	File         string               `json:"file"`
}

// PackedChangesFormat names its form, and PackedChangesFile where it stands.
const (
	PackedChangesFormat = "meibo-changes-1"
	PackedChangesFile   = "package.json"
)

// SubmitPackage is Submit for a container (ASiC-E) that a contractor sealed outside of
// the closed network: it must be the very bytes that a certificate of the caller's
// organization signed. It is kept, and taken once.
func (l *Ledger) SubmitPackage(ctx context.Context, c meibo.Caller, key string, content []byte) (Submitted, error) {
	lines, err := l.unpackChanges(c, content)
	if err != nil {
		return Submitted{}, err
	}
	sum := sha256.Sum256(content)
	return l.submitLines(ctx, deed{c, meibo.ActSubmit, key, []string{"package", hex.EncodeToString(sum[:])}}, lines, content)
}

// PreviewPackage tells what SubmitPackage would do, and does nothing.
func (l *Ledger) PreviewPackage(ctx context.Context, c meibo.Caller, content []byte) ([]Preview, error) {
	lines, err := l.unpackChanges(c, content)
	if err != nil {
		return nil, err
	}
	return l.Preview(ctx, c, lines)
}

// unpackChanges reads the lines of a package that is intact and the caller's own. A
// copy that was changed and a seal of somebody else's are ErrForbidden.
func (l *Ledger) unpackChanges(c meibo.Caller, content []byte) ([]meibo.Line, error) {
	if err := l.mayAnywhere(c, verbSubmit); err != nil {
		return nil, err
	}
	roots := l.sealing.Changes[c.Client.OrganizationID]
	if roots == nil {
		return nil, meibo.Refuse(meibo.ErrConflict, "NO_CHANGE_ROOTS")
	}
	verdict, parts := seal.VerifyPackage(content, seal.Trust{Seals: roots, Stamps: l.sealing.Trust.Stamps})
	switch verdict.State {
	case seal.Changed:
		return nil, meibo.Refuse(meibo.ErrForbidden, "PACKAGE_CHANGED")
	case seal.Unknown:
		return nil, meibo.Refuse(meibo.ErrForbidden, "PACKAGE_NOT_SIGNED")
	}
	files := map[string][]byte{}
	for _, p := range parts {
		files[p.Name] = p.Content
	}
	var said PackedChanges
	err := json.Unmarshal(files[PackedChangesFile], &said, json.RejectUnknownMembers(true))
	if err != nil || said.Format != PackedChangesFormat || files[said.File] == nil || len(parts) != 2 {
		return nil, meibo.Problems{{Field: "package", Code: "MALFORMED_JSON"}}
	}
	if said.Organization != c.Client.OrganizationID {
		return nil, meibo.Refuse(meibo.ErrForbidden, "PACKAGE_NOT_YOURS")
	}
	lines, err := document.ReadChanges(said.File, bytes.NewReader(files[said.File]))
	return lines, wrap("read packed changes", err)
}

// once keeps a package, which must not have been taken before.
func once(tx *store.Tx, s meibo.Scene, content []byte) (meibo.Document, error) {
	d := newDocument(s, "application/vnd.etsi.asic-e+zip", content)
	d.ID = meibo.DocumentID("package-" + d.Hash)
	_, err := store.One[meibo.Document](&tx.Reader, d.ID)
	switch {
	case err == nil:
		return d, meibo.Refuse(meibo.ErrConflict, "PACKAGE_TAKEN")
	case !errors.Is(err, meibo.ErrNotFound):
		return d, err
	}
	return d, nil
}
