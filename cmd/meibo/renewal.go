package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/meibo-dev/meibo/internal/meibo"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type renewalCmd struct {
	Show   renewalShowCmd   `cmd:"" help:"Show what a contract takes over from the one that it renews, and what it does not, and why."`
	Save   renewalSaveCmd   `cmd:"" help:"Write it into new files: lines to edit and submit, consents for the city to complete and apply."`
	Submit renewalSubmitCmd `cmd:"" help:"Submit the lines as they are. They wait for approval like any others."`
}

type renewalOf struct {
	Contract string `arg:"" help:"Number of the new contract, whose renewal_of names the old one."`
}

func (c renewalOf) draft(a *app) (*pb.DraftRenewalResponse, error) {
	return ask(a, pb.NewChangeServiceClient, func(s pb.ChangeServiceClient) (*pb.DraftRenewalResponse, error) {
		return s.DraftRenewal(a.ctx, &pb.DraftRenewalRequest{Contract: c.Contract})
	})
}

type renewalShowCmd struct{ renewalOf }

// Run shows a draft.
func (c *renewalShowCmd) Run(a *app) error {
	d, err := c.draft(a)
	if err != nil {
		return err
	}
	return a.show(d, func() {
		names := map[string]string{}
		for _, p := range d.People {
			names[p.Id] = p.Name
		}
		a.printf("契約 %s は %s を引き継ぎます: 権限%d件、再委託の承諾%d件。まだ何も届け出ていません。\n", c.Contract, d.RenewalOf, len(d.Lines), len(d.Consents))
		var rows [][]string
		for _, l := range d.Lines {
			rows = append(rows, []string{l.Person, names[l.Person], l.Employer, l.Asset, l.Action, l.Purpose, l.From, l.Until})
		}
		a.table("PERSON NAME EMPLOYER ASSET ACTION PURPOSE FROM UNTIL", rows)
		for _, s := range d.Consents {
			a.printf("再委託 %s → %s %s〜%s: 市の承諾が要ります。\n", s.Parent, s.Organization, s.Starts, s.Ends)
		}
		for _, o := range d.LeftOut {
			what := strings.Join(strings.Fields(strings.Join([]string{o.Organization, o.Person, names[o.Person], o.Asset, o.Action, o.Purpose}, " ")), " ")
			a.printf("引き継がない: %s: %s\n", what, o.Message)
		}
	})
}

type renewalSaveCmd struct {
	renewalOf
	Lines    string `placeholder:"CSV" type:"path" help:"Where the lines go, for meibo submit."`
	Consents string `placeholder:"YAML" type:"path" help:"Where the consents go, for meibo apply once the city has filled in their numbers."`
}

// Run writes a draft into files that do not exist yet.
func (c *renewalSaveCmd) Run(a *app) error {
	if c.Lines == "" && c.Consents == "" {
		return errors.New("name a file: --lines, --consents or both")
	}
	d, err := c.draft(a)
	if err == nil && c.Lines != "" {
		err = saveLines(c.Lines, d.Lines)
	}
	if err == nil && c.Consents != "" {
		err = saveConsents(c.Consents, d.Consents)
	}
	if err != nil {
		return err
	}
	return a.show(d, func() { a.printf("%d lines and %d consents; nothing is submitted\n", len(d.Lines), len(d.Consents)) })
}

// saveConsents writes consents as meibo apply reads them; it refuses them while they
// have no number.
func saveConsents(file string, list []*pb.Subcontract) error {
	for _, s := range list {
		if s.Consent == "" {
			s.Consent = " " // so that the line is there to be filled in
		}
	}
	text, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(&pb.Master{Subcontracts: list})
	if err == nil {
		text, err = yaml.JSONToYAML(text)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(file), err)
	}
	return writeFile(file, text)
}

type renewalSubmitCmd struct {
	renewalOf
	keyFlag
}

// Run submits the lines of a draft, as many at once as may be.
func (c *renewalSubmitCmd) Run(a *app) error {
	d, err := c.draft(a)
	if err != nil {
		return err
	}
	if len(d.Lines) == 0 {
		return errors.New("there is nothing to submit; meibo renewal show says why")
	}
	key := c.key()
	for lines := range slices.Chunk(d.Lines, meibo.MaxLines) {
		for i, l := range lines {
			l.Row = int32(i + 1)
		}
		done, err := ask(a, pb.NewChangeServiceClient, func(s pb.ChangeServiceClient) (*pb.SubmitChangeResponse, error) {
			return s.SubmitChange(a.ctx, &pb.SubmitChangeRequest{IdempotencyKey: key, Lines: lines})
		})
		if err != nil {
			return err
		}
		if err := a.show(done, func() { a.showSubmitted(done) }); err != nil {
			return err
		}
		key = keyFlag{}.key()
	}
	return nil
}
