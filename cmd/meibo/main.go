// Command meibo reads the configuration and builds the house.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// A cli is the command line. Each command's help says what it does, what it needs
// and what it prints.
type cli struct {
	JSON   bool       `help:"Print JSON instead of text."`
	Server serverFlag `embed:"" group:"Server"`

	Init    initCmd     `cmd:"" help:"Begin: write a configuration, make the keys, open the ledger, print the operator's first API key."`
	Serve   serveCmd    `cmd:"" help:"Run the server until it is told to stop."`
	Demo    demoCmd     `cmd:"" help:"Run the fictitious city: tell the story of a roster with real requests, then stay up to be tried."`
	Apply   applyCmd    `cmd:"" help:"Register master data from a YAML file: show the difference, ask, apply all or nothing."`
	Submit  submitCmd   `cmd:"" help:"Submit a file of staff changes (従事者変更届), XLSX, CSV or JSON, all lines or none."`
	Package packageCmd  `cmd:"" help:"Seal a file of staff changes into one container (ASiC-E) for a closed network, where meibo submit takes it."`
	Renewal renewalCmd  `cmd:"" help:"Draft what a renewed contract takes over: roster and consents to subcontractors; submit it."`
	Approve approveCmd  `cmd:"" help:"Approve, reject, withdraw or look at changes that were submitted."`
	Check   checkCmd    `cmd:"" help:"Ask whether a person may do something now. Exit status 0 is allowed, 3 is denied."`
	Who     whoCmd      `cmd:"" help:"List who could touch an asset, now or at another instant, and by which right. For auditors and operators."`
	WhatIf  whatIfCmd   `cmd:"" name:"whatif" help:"Tell whom a change would deny what they did in the last days, or allow what they were denied. Nothing is changed."`
	Roster  rosterCmd   `cmd:"" help:"Show rosters (従事者名簿); acknowledge or return them for the city."`
	Pledge  pledgeCmd   `cmd:"" help:"Request, show, sign, record and verify pledges (誓約書)."`
	Passkey passkeyCmd  `cmd:"" help:"List and revoke the passkeys with which people sign pledges."`
	Notice  noticeCmd   `cmd:"" help:"Show notices (通知) on their way, retry them, record a hand-over or a bounce."`
	Decided decideCmd   `cmd:"" name:"decisions" help:"Read the log of decisions: list, export, report, show."`
	Dir     dirCmd      `cmd:"" name:"directory" help:"Read the directory now, or show what the last reading came to."`
	Hold    holdCmd     `cmd:"" help:"Stop work at once while an incident is handled, and let it go on."`
	Dispose disposalCmd `cmd:"" name:"disposal" help:"Destroy pledges, rosters and names whose time of keeping is over (廃棄): propose, approve."`
	Train   trainCmd    `cmd:"" name:"training" help:"Record and show who was told the city's conditions (研修・周知)."`
	Urgent  urgentCmd   `cmd:"" name:"emergency" help:"Show the claims of emergencies (緊急利用), and confirm them afterwards."`
	Verify  verifyCmd   `cmd:"" help:"Tell whether a sealed file is intact; without a file, re-check the whole ledger from its stored bytes."`
	Witness witnessCmd  `cmd:"" help:"For the city: check that the log has only grown since the last time, and co-sign its head."`
	Seal    sealCmd     `cmd:"" help:"Make or renew the certificate that seals finished pledges."`
	Key     keyCmd      `cmd:"" help:"Make, list and revoke API keys; change the key of the data."`
	Gate    gateCmd     `cmd:"" help:"Decide for a proxy beside it: nginx auth_request and Envoy ext_authz v3."`
	Bench   benchCmd    `cmd:"" help:"Measure how long answers take and what they cost, beside a server that always allows."`
	Migrate migrateCmd  `cmd:"" help:"Bring the database's schema up to date."`
	Accept  acceptCmd   `cmd:"" name:"accept-epoch" help:"Accept a database that has lost changes (a restored backup, a promoted standby): begin another history, so that it serves again."`
	Config  configCmd   `cmd:"" help:"Show the configuration that is in force, secrets redacted."`
	Version versionCmd  `cmd:"" help:"Show the version."`

	BenchServer benchServerCmd `cmd:"" name:"bench-server" hidden:""`
	InspectScan scanCmd        `cmd:"" name:"inspect-scan" hidden:""`
}

const description = `meibo (名簿) keeps the minimal roster of people who may touch a city's specific
personal information, and answers whether one of them may do so now, for this
purpose.

A first run:
  meibo init                    # in an empty folder
  meibo serve &
  export MEIBO_KEY=mb_…         # printed by init
  meibo apply city.yaml         # organizations, contracts, assets, purposes, systems
  meibo key create k1-clerk --organization K1 --name "K1 clerk" --role submitter
  meibo submit changes.csv --dry-run

Or see all of it at once: meibo demo

Commands other than init, serve, demo, verify, migrate, config and version are
clients of a running server; they present the API key in MEIBO_KEY.`

// An app is what a command works with.
type app struct {
	ctx    context.Context
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	json   bool
	server serverFlag
}

// errDenied is a decision that denies: not a failure, but no success either.
var errDenied = errors.New("denied")

// The exit statuses.
const (
	exitFailed = 1
	exitUsage  = 2
	exitDenied = 3
)

func main() {
	os.Exit(command(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// command runs one command line and returns its exit status.
func command(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c cli
	exit := -1
	parser, err := kong.New(&c, kong.Name("meibo"), kong.Description(description), kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { exit = code }), kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.ExplicitGroups([]kong.Group{{Key: "Server", Title: "Flags of commands that ask a server:"}}))
	if err != nil {
		fmt.Fprintln(stderr, "meibo:", err)
		return exitUsage
	}
	line, err := parser.Parse(args)
	if exit >= 0 { // help was asked for
		return exit
	}
	if err != nil {
		fmt.Fprintf(stderr, "meibo: %v\nTry: meibo --help\n", err)
		return exitUsage
	}
	a := &app{ctx: ctx, stdin: stdin, stdout: stdout, stderr: stderr, json: c.JSON, server: c.Server}
	switch err := line.Run(a); {
	case errors.Is(err, errDenied):
		return exitDenied
	case err != nil:
		a.explain(err)
		return exitFailed
	}
	return 0
}

// printf writes to the standard output.
func (a *app) printf(format string, args ...any) { fmt.Fprintf(a.stdout, format, args...) }
