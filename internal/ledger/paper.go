package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/meibo-dev/meibo/internal/document"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// RosterPaper makes a roster version into a file to hold in hands: pdf, xlsx, json
// (the canonical one) or change (the change notice as PDF); version 0 is the
// newest. The PDFs come sealed: see make; while the ledger is sealed, one that was not
// before comes without. A hop of the chain sees only its own people,
// and no canonical JSON: ErrForbidden. No transaction is open while the file is made.
func (l *Ledger) RosterPaper(ctx context.Context, c meibo.Caller, contract meibo.ContractID, version int, format string) (Proved, error) {
	var paper rosterPaper
	var kept Proved
	err := l.db.View(ctx, func(r *store.Reader) error {
		b, err := l.book(r, c, contract, verbReadRoster)
		if err != nil {
			return err
		}
		if version == 0 {
			version = len(b.Rosters.All())
		}
		paper = paperFor(b, c, version)
		if kept, err = paper.kept(r, document.Paper(format)); !errors.Is(err, meibo.ErrNotFound) {
			return err
		}
		return readPaper(r, b, c, &paper)
	})
	if err != nil || kept.Content != nil {
		return kept, wrap("read roster", err)
	}
	f, err := l.make(ctx, paper, document.Paper(format))
	if errors.Is(err, ErrSealed) { // it is to be read all the same
		return l.asItIs(ctx, paper, document.Paper(format), "LEDGER_SEALED")
	}
	return f, err
}

// paperFor is the paper of a version for a reader, before it is read.
func paperFor(b *meibo.Book, c meibo.Caller, version int) (p rosterPaper) {
	p.Head.ContractID, p.Head.Version = b.Contract.ID, version
	if p.Partial = !whole(b, c); p.Partial {
		p.reader = c.Client.OrganizationID
	}
	return p
}

func readPaper(r *store.Reader, b *meibo.Book, c meibo.Caller, paper *rosterPaper) error {
	version := paper.Head.Version
	before, err := readVersion(r, b, c, version-1)
	if err != nil && !errors.Is(err, meibo.ErrNotFound) { // there is none before the first, nor before one that was cut after a disposal
		return err
	}
	v, err := readVersion(r, b, c, version)
	if err != nil {
		return err
	}
	paper.Head, paper.Content, paper.Before = v.Roster, v.Content, before.Content.Members
	if v.Roster.ChangeID == "" {
		return nil
	}
	change, errChange := store.One[meibo.Change](r, v.Roster.ChangeID)
	lines, errLines := r.LinesOf(v.Roster.ChangeID)
	if err := errors.Join(errChange, errLines); err != nil {
		return err
	}
	if !paper.Partial || change.OrganizationID == c.Client.OrganizationID {
		sender, _ := b.Organizations.Get(change.OrganizationID)
		paper.Sender = sender.Name
	}
	paper.Said = map[meibo.PersonID]document.Said{}
	for _, line := range lines {
		paper.Said[line.PersonID] = document.Said{Reason: line.Reason, Returned: line.Returned, Successor: line.Successor}
	}
	return nil
}

// Enclosures are the papers of the roster version that a notice to the city speaks
// of: the canonical JSON, the roster and the change notice as sealed PDF, the workbook.
// They hold names; whoever sends them sees to it that only the city reads them.
func (l *Ledger) Enclosures(ctx context.Context, n meibo.Notice) ([]document.File, error) {
	forms := []document.Paper{document.PaperPDF, document.PaperChange, document.PaperXLSX, document.PaperJSON}
	files := make([]document.File, len(forms))
	var paper rosterPaper
	err := l.db.View(ctx, func(r *store.Reader) error {
		b, err := r.Book(n.ContractID)
		if err != nil {
			return err
		}
		city := meibo.Caller{Client: meibo.Client{OrganizationID: b.City.ID}}
		if n.Kind != meibo.NoticeRoster || n.OrganizationID != b.City.ID {
			return fmt.Errorf("%w: notice %s is not the city's of a roster", meibo.ErrInvalid, n.ID)
		}
		paper = paperFor(b, city, n.Version)
		for i, form := range forms {
			f, err := paper.kept(r, form)
			if err != nil && !errors.Is(err, meibo.ErrNotFound) {
				return err
			}
			files[i] = f.File
		}
		return readPaper(r, b, city, &paper)
	})
	if err != nil {
		return nil, wrap("read roster", err)
	}
	for i, form := range forms {
		if files[i].Content != nil {
			continue
		}
		f, err := l.make(ctx, paper, form)
		if err != nil {
			return nil, err
		}
		files[i] = f.File
	}
	return files, nil
}

// readVersion reads a roster version, as far as the caller may see it.
func readVersion(r *store.Reader, b *meibo.Book, c meibo.Caller, version int) (RosterView, error) {
	var v RosterView
	var err error
	if v.Roster, err = r.Roster(b.Contract.ID, version); err != nil {
		return v, err
	}
	if v.Roster.Document == "" {
		return v, meibo.Refuse(meibo.ErrNotFound, "ROSTER_DISPOSED")
	}
	if err := json.Unmarshal([]byte(v.Roster.Document), &v.Content); err != nil {
		return v, fmt.Errorf("read roster %d of %s: %w", version, b.Contract.ID, err)
	}
	if !whole(b, c) {
		v.narrow(c.Client.OrganizationID)
	}
	return v, nil
}

// A FileProblem is a problem of a file of changes, with the cell where the file is
// a workbook.
type FileProblem struct {
	meibo.Problem
	Cell string
}

// ReadChanges reads a file of changes into lines, or into everything that is wrong
// with it. It is for who may submit; the file is not kept.
func (l *Ledger) ReadChanges(c meibo.Caller, name string, content []byte) ([]meibo.Line, []FileProblem, error) {
	if err := l.mayAnywhere(c, verbSubmit); err != nil {
		return nil, nil, err
	}
	lines, err := document.ReadChanges(name, bytes.NewReader(content))
	var problems meibo.Problems
	if !errors.As(err, &problems) {
		return lines, nil, wrap("read file of changes", err)
	}
	list := make([]FileProblem, len(problems))
	for i, p := range problems {
		list[i].Problem = p
		if strings.EqualFold(filepath.Ext(name), ".xlsx") {
			list[i].Cell = document.CellOf(p.Field, p.Row)
		}
	}
	return nil, list, nil
}
