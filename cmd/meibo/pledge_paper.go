package main

import (
	"errors"
	"mime"
	"os"
	"path/filepath"
	"strings"

	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type pledgeFormCmd struct {
	Pledge string `arg:"" help:"Id of the pledge."`
	Output string `short:"o" required:"" help:"File to write; it must not be there." type:"path"`
	keyFlag
}

// Run writes the form into a file.
func (c *pledgeFormCmd) Run(a *app) error {
	form, err := ask(a, pb.NewPledgeServiceClient, func(s pb.PledgeServiceClient) (*pb.GetPledgeFormResponse, error) {
		return s.GetPledgeForm(a.ctx, &pb.GetPledgeFormRequest{IdempotencyKey: c.key(), Id: c.Pledge})
	})
	if err != nil {
		return err
	}
	if err := writeFile(c.Output, form.Content); err != nil {
		return err
	}
	form.Content = nil
	return a.show(form, func() { a.printf("%s\n", c.Output) })
}

// writeFile writes a file that only its owner may read, and that was not there.
func writeFile(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Close())
}

type pledgeRecordCmd struct {
	Pledge   string `arg:"" help:"Id of the pledge."`
	File     string `arg:"" help:"Scan of the paper: .pdf, .jpg or .png, at most 5 MiB." type:"existingfile"`
	SignedOn string `help:"The day written on the paper, such as 2026-10-15 or R8.10.15; of a signature with a certificate, the signature's."`
	Guardian bool   `help:"A minor's legal representative has consented."`

	Certificate bool `help:"The file is the form, signed with a certificate of the person's own."`
	keyFlag
}

// Run records a paper.
func (c *pledgeRecordCmd) Run(a *app) error {
	scan, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	kind, _, _ := strings.Cut(mime.TypeByExtension(strings.ToLower(filepath.Ext(c.File))), ";")
	way := "paper"
	if c.Certificate {
		way = "certificate"
	}
	done, err := ask(a, pb.NewPledgeServiceClient, func(s pb.PledgeServiceClient) (*pb.RecordPledgeResponse, error) {
		return s.RecordPledge(a.ctx, &pb.RecordPledgeRequest{
			IdempotencyKey: c.key(), Id: c.Pledge, Document: scan, MediaType: kind, SignedOn: c.SignedOn, GuardianConsent: c.Guardian, Way: way,
		})
	})
	if err != nil {
		return err
	}
	return a.show(done, func() { a.showPledge(done.Pledge) })
}

type pledgePaperCmd struct {
	Pledge string `arg:"" help:"Id of the pledge."`
	Output string `short:"o" required:"" help:"File to write; it must not be there." type:"path"`
}

// Run writes the paper into a file.
func (c *pledgePaperCmd) Run(a *app) error {
	paper, err := ask(a, pb.NewPledgeServiceClient, func(s pb.PledgeServiceClient) (*pb.GetPledgePaperResponse, error) {
		return s.GetPledgePaper(a.ctx, &pb.GetPledgePaperRequest{Id: c.Pledge})
	})
	if err != nil {
		return err
	}
	if err := writeFile(c.Output, paper.Document); err != nil {
		return err
	}
	paper.Document = nil
	return a.show(paper, func() {
		a.printf("%s (%s)\nSHA-256 %s\n", c.Output, paper.MediaType, paper.Hash)
		if paper.Signer != "" {
			a.printf("証明書の名義 %s\n発行者 %s\n", paper.Signer, paper.Issuer)
		}
	})
}
