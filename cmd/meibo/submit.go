package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/meibo-dev/meibo/internal/document"
	"github.com/meibo-dev/meibo/internal/meibo"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type submitCmd struct {
	File     string `arg:"" optional:"" help:"File of changes. One row is one right. .xlsx, .csv (UTF-8) or .json, or .asice of meibo package."`
	DryRun   bool   `help:"Show what would change and stop."`
	Template bool   `help:"Write an empty file to the standard output and stop."`
	Format   string `default:"csv" enum:"csv,xlsx" help:"Of the template: csv or xlsx."`
	keyFlag
}

// Run submits a file, or shows what it would do.
func (c *submitCmd) Run(a *app) error {
	if c.Template {
		return c.template(a)
	}
	pack, err := c.packed()
	if err != nil {
		return err
	}
	var lines []*pb.Line
	if pack == nil {
		if lines, err = c.read(a); err != nil {
			return err
		}
	}
	preview, err := ask(a, pb.NewChangeServiceClient, func(s pb.ChangeServiceClient) (*pb.PreviewChangeResponse, error) {
		return s.PreviewChange(a.ctx, &pb.PreviewChangeRequest{Lines: lines, Package: pack})
	})
	if err != nil {
		return err
	}
	if len(preview.Problems) > 0 {
		return c.refused(a, preview)
	}
	if c.DryRun {
		return a.show(preview, func() { a.showPreview(preview) })
	}
	done, err := ask(a, pb.NewChangeServiceClient, func(s pb.ChangeServiceClient) (*pb.SubmitChangeResponse, error) {
		return s.SubmitChange(a.ctx, &pb.SubmitChangeRequest{IdempotencyKey: c.key(), Lines: lines, Package: pack})
	})
	if err != nil {
		return err
	}
	return a.show(done, func() { a.showSubmitted(done) })
}

func (c *submitCmd) read(a *app) ([]*pb.Line, error) {
	if c.File == "" {
		return nil, errors.New("name a file of changes; meibo submit --template writes an empty one")
	}
	f, err := os.Open(c.File)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines, err := document.ReadChanges(c.File, f)
	var problems meibo.Problems
	if errors.As(err, &problems) {
		var list []*pb.Problem
		for _, p := range problems {
			list = append(list, &pb.Problem{Row: int32(p.Row), Field: p.Field, Code: string(p.Code), Message: p.Sentence()})
		}
		return nil, c.refused(a, &pb.PreviewChangeResponse{Problems: list})
	}
	if err != nil {
		return nil, err
	}
	wire := make([]*pb.Line, len(lines))
	for i, l := range lines {
		wire[i] = wireLine(l)
	}
	return wire, nil
}

func (c *submitCmd) template(a *app) error {
	content := document.ChangeTemplate()
	if c.Format == "xlsx" {
		var err error
		if content, err = document.ChangeWorkbook(); err != nil {
			return err
		}
	}
	_, err := a.stdout.Write(content)
	return err
}

// refused says in which cells of a workbook the problems are.
func (c *submitCmd) refused(a *app, p *pb.PreviewChangeResponse) error {
	for _, problem := range p.Problems {
		if strings.EqualFold(filepath.Ext(c.File), ".xlsx") {
			problem.Cell = document.CellOf(problem.Field, int(problem.Row))
		}
	}
	return a.refusedLines(p)
}

// refusedLines prints every problem, and is the error that nothing was submitted.
func (a *app) refusedLines(p *pb.PreviewChangeResponse) error {
	if a.json {
		return errors.Join(errors.New("nothing was submitted"), a.show(p, nil))
	}
	a.problems(p.Problems)
	return fmt.Errorf("nothing was submitted: %d problems", len(p.Problems))
}

func wireLine(l meibo.Line) *pb.Line {
	return &pb.Line{
		Row: int32(l.Row), Operation: string(l.Operation), Contract: string(l.ContractID), Person: string(l.PersonID),
		Login: string(l.Login), Name: string(l.Name), Kana: string(l.Kana), Latin: string(l.Latin), Alias: string(l.Alias),
		FormerName: string(l.FormerName), Adult: string(l.Adult), Employer: string(l.EmployerID), Employment: string(l.Employment),
		Asset: string(l.AssetID), Action: string(l.Action), Purpose: string(l.Purpose), From: string(l.Starts), Until: string(l.Ends),
		Workplace: l.Workplace, Task: l.Task, Reason: string(l.Reason), Pledge: string(l.Pledge),
		Returned: string(l.Returned), Successor: string(l.Successor),
	}
}

func (a *app) showPreview(p *pb.PreviewChangeResponse) {
	for _, c := range p.Contracts {
		waits := 0
		for _, e := range c.Effects {
			if e.Waits {
				waits++
			}
		}
		a.printf("契約 %s: %d人 → %d人 (すぐに有効 %d行, 承認待ち %d行)\n", c.Contract, len(c.Before), len(c.After), len(c.Effects)-waits, waits)
		before := map[string]string{}
		for _, m := range c.Before {
			before[m.Person] = memberText(m)
		}
		for _, m := range c.After {
			was, known := before[m.Person]
			switch {
			case !known:
				a.printf("  + %s\n", memberText(m))
			case was != memberText(m):
				a.printf("  - %s\n  + %s\n", was, memberText(m))
			}
			delete(before, m.Person)
		}
		for _, m := range c.Before {
			if was, gone := before[m.Person]; gone {
				a.printf("  - %s\n", was)
			}
		}
		a.problems(c.Warnings)
	}
}

func memberText(m *pb.Member) string {
	text := fmt.Sprintf("%s (%s) %s", m.Name, m.EmployerName, m.Task)
	if m.Suspended {
		text += " 一時停止"
	}
	for _, r := range m.Rights {
		text += fmt.Sprintf(" [%s %s %s %s〜%s]", r.Asset, r.Action, r.Purpose, r.From, r.Until)
	}
	return text
}

func (a *app) showSubmitted(done *pb.SubmitChangeResponse) {
	a.printf("受付番号 %s\n", done.Submission)
	for _, c := range done.Changes {
		switch c.State {
		case "accepted":
			a.printf("  契約 %s: 有効になりました。名簿 第%d版 (変更 %s)\n", c.Contract, c.Version, c.Id)
		default:
			a.printf("  契約 %s: 承認を待っています。meibo approve %s\n", c.Contract, c.Id)
		}
	}
	a.problems(done.Warnings)
}
