package main

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"path/filepath"
	"time"

	"github.com/meibo-dev/meibo/internal/document"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type rosterCmd struct {
	List        rosterListCmd        `cmd:"" help:"List the versions of a contract's roster."`
	Show        rosterShowCmd        `cmd:"" help:"Show one version."`
	Save        rosterSaveCmd        `cmd:"" help:"Save one version as a file: PDF, workbook, canonical JSON, or the change notice (従事者変更届)."`
	Acknowledge rosterAcknowledgeCmd `cmd:"" help:"Say for the city that it has taken a version (受領確認)."`
	Return      rosterReturnCmd      `cmd:"" help:"Send a version back for the city, whole or one person's line (差戻し)."`
}

type rosterListCmd struct {
	Contract string `arg:"" help:"Contract number."`
}

// Run lists versions.
func (c *rosterListCmd) Run(a *app) error {
	list, err := ask(a, pb.NewRosterServiceClient, func(s pb.RosterServiceClient) (*pb.ListRostersResponse, error) {
		return s.ListRosters(a.ctx, &pb.ListRostersRequest{Contract: c.Contract})
	})
	if err != nil {
		return err
	}
	return a.show(list, func() {
		var rows [][]string
		for _, r := range list.Rosters {
			rows = append(rows, []string{
				fmt.Sprint(r.Version), when(r.CutAt), fmt.Sprint(r.Members), fmt.Sprintf("+%d -%d ~%d", r.Added, r.Removed, r.Changed),
				when(r.NotifiedAt), when(r.AcknowledgedAt), when(r.ReturnedAt), r.Hash[:12],
			})
		}
		a.table("VERSION CUT MEMBERS DIFFERENCE NOTIFIED ACKNOWLEDGED RETURNED HASH", rows)
	})
}

type rosterShowCmd struct {
	Contract string    `arg:"" help:"Contract number."`
	Version  int32     `arg:"" optional:"" help:"Version; the newest when left out."`
	At       time.Time `help:"The version that was the newest at an instant, such as 2026-09-01T10:00:00+09:00."`
	Document bool      `help:"Print the canonical JSON over which the hash was made, and nothing else."`
	CSV      bool      `help:"Print the members as CSV."`
}

// Run shows a version.
func (c *rosterShowCmd) Run(a *app) error {
	version := c.Version
	if !c.At.IsZero() {
		var err error
		if version, err = versionAt(a, c.Contract, c.At); err != nil {
			return err
		}
	}
	v, err := getRoster(a, c.Contract, version)
	if err != nil {
		return err
	}
	if c.Document {
		a.printf("%s", v.Document)
		return nil
	}
	if c.CSV {
		return a.rosterCSV(v)
	}
	return a.show(v, func() { a.showRoster(v) })
}

// versionAt finds the version that was the newest at an instant.
func versionAt(a *app, contract string, at time.Time) (int32, error) {
	list, err := ask(a, pb.NewRosterServiceClient, func(s pb.RosterServiceClient) (*pb.ListRostersResponse, error) {
		return s.ListRosters(a.ctx, &pb.ListRostersRequest{Contract: contract})
	})
	if err != nil {
		return 0, err
	}
	version := int32(0)
	for _, r := range list.Rosters {
		if !r.CutAt.AsTime().After(at) {
			version = max(version, r.Version)
		}
	}
	if version == 0 {
		return 0, fmt.Errorf("contract %s had no roster at %s", contract, at.Format(time.RFC3339))
	}
	return version, nil
}

func getRoster(a *app, contract string, version int32) (*pb.GetRosterResponse, error) {
	return ask(a, pb.NewRosterServiceClient, func(s pb.RosterServiceClient) (*pb.GetRosterResponse, error) {
		return s.GetRoster(a.ctx, &pb.GetRosterRequest{Contract: contract, Version: version})
	})
}

func (a *app) showRoster(v *pb.GetRosterResponse) {
	r := v.Roster
	a.printf("従事者名簿 契約 %s %s 第%d版 %s\n", r.Contract, v.ContractName, r.Version, when(r.CutAt))
	a.printf("ハッシュ %s\n通知 %s  受領確認 %s  差戻し %s\n", r.Hash, orDash(when(r.NotifiedAt)), orDash(when(r.AcknowledgedAt)), orDash(when(r.ReturnedAt)))
	var rows [][]string
	for _, m := range v.Members {
		rights := ""
		for _, right := range m.Rights {
			rights += fmt.Sprintf("%s/%s/%s ", right.Asset, right.Action, right.Purpose)
		}
		rows = append(rows, []string{fmt.Sprint(m.Number), m.Name, m.Kana, m.EmployerName, m.Task, m.Starts, m.Ends, m.Pledge, m.ChainFault, rights, m.Person})
	}
	a.table("NO NAME KANA EMPLOYER TASK FROM UNTIL PLEDGE CHAIN_FAULT RIGHTS PERSON", rows)
}

// rosterCSV writes the members so that a spreadsheet opens them as they are: no
// cell is taken for a formula.
func (a *app) rosterCSV(v *pb.GetRosterResponse) error {
	fmt.Fprint(a.stdout, "\uFEFF")
	w := csv.NewWriter(a.stdout)
	w.UseCRLF = true
	w.Write([]string{"通し番号", "従事者ID", "氏名", "フリガナ", "所属会社", "雇用区分", "担当業務", "情報資産", "操作", "利用目的", "開始日", "終了日", "作業場所", "誓約書", "誓約日"})
	for _, m := range v.Members {
		for _, r := range m.Rights {
			w.Write(document.Inert(fmt.Sprint(m.Number), m.Person, m.Name, m.Kana, m.EmployerName, m.Employment, m.Task, r.Asset, r.Action, r.Purpose,
				r.From, r.Until, m.Workplace, m.Pledge, m.PledgedOn))
		}
	}
	w.Flush()
	return w.Error()
}

type rosterSaveCmd struct {
	Contract string `arg:"" help:"Contract number."`
	Version  int32  `arg:"" optional:"" help:"Version; the newest when left out."`
	Format   string `default:"pdf" enum:"pdf,xlsx,json,change" help:"pdf: the roster, A4; xlsx: a workbook with the roster, its changes and a change notice to fill in; json: the canonical JSON; change: the change notice as PDF."`
	Output   string `short:"o" help:"Where to; a name of its own in this folder when left out, - for the standard output. The proof of a sealed PDF stands beside it, as FILE.proof." type:"path"`
}

// Run saves a file that only its owner can read.
func (c *rosterSaveCmd) Run(a *app) error {
	defer a.waiting("making " + c.Format)()
	file, err := ask(a, pb.NewRosterServiceClient, func(s pb.RosterServiceClient) (*pb.GetRosterFileResponse, error) {
		return s.GetRosterFile(a.ctx, &pb.GetRosterFileRequest{Contract: c.Contract, Version: c.Version, Format: c.Format})
	})
	if err != nil {
		return err
	}
	if c.Output == "-" {
		_, err := a.stdout.Write(file.Content)
		return err
	}
	path := cmp.Or(c.Output, filepath.Base(file.Name))
	if err := saveProved(path, file.Content, file.Proof); err != nil {
		return err
	}
	file.Content = nil
	return a.show(file, func() {
		a.printf("%s\n", path)
		tellSealed(a, file.Hash, file.Code)
	})
}

type rosterAcknowledgeCmd struct {
	Contract string `arg:"" help:"Contract number."`
	Version  int32  `arg:"" help:"Version."`
	Hash     string `required:"" help:"Hash of the version as it was seen: in the notice, or by meibo roster show."`
	keyFlag
}

// Run acknowledges.
func (c *rosterAcknowledgeCmd) Run(a *app) error {
	done, err := ask(a, pb.NewRosterServiceClient, func(s pb.RosterServiceClient) (*pb.AcknowledgeRosterResponse, error) {
		return s.AcknowledgeRoster(a.ctx, &pb.AcknowledgeRosterRequest{
			IdempotencyKey: c.key(), Contract: c.Contract, Version: c.Version, Hash: c.Hash,
		})
	})
	if err != nil {
		return err
	}
	return a.show(done, func() { a.printf("契約 %s 第%d版の受領を確認しました。\n", done.Contract, done.Version) })
}

type rosterReturnCmd struct {
	Contract string `arg:"" help:"Contract number."`
	Version  int32  `arg:"" help:"Version."`
	Hash     string `required:"" help:"Hash of the version as it was seen."`
	Person   string `help:"Id of the person whose line is returned; the whole version when left out."`
	Reason   string `required:"" help:"Why, for the contractor."`
	keyFlag
}

// Run returns a version.
func (c *rosterReturnCmd) Run(a *app) error {
	done, err := ask(a, pb.NewRosterServiceClient, func(s pb.RosterServiceClient) (*pb.ReturnRosterResponse, error) {
		return s.ReturnRoster(a.ctx, &pb.ReturnRosterRequest{
			IdempotencyKey: c.key(), Contract: c.Contract, Version: c.Version, Hash: c.Hash, Person: c.Person, Reason: c.Reason,
		})
	})
	if err != nil {
		return err
	}
	return a.show(done, func() { a.printf("契約 %s 第%d版を差し戻しました。\n", done.Contract, done.Version) })
}
