package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"mime"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/meibo-dev/meibo/internal/document"
	"github.com/meibo-dev/meibo/internal/meibo"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type pledgeImportCmd struct {
	Contract string `arg:"" help:"Contract number."`
	Index    string `arg:"" help:"CSV that names the scans; --template writes one to fill in." type:"path"`
	Scans    string `help:"Folder of the scans; else that of the index." type:"path"`
	DryRun   bool   `help:"Only tell what is wrong with the index and the scans."`
	Template bool   `help:"Write an index of the people on the roster whose pledge is not valid, to be filled in."`
}

// importColumns are those of the index of an import, in this order.
var importColumns = []string{"person", "name", "file", "signed_on", "version", "guardian"}

// An importRow is one scan of an import.
type importRow struct {
	row                    int // in the file, from 1
	person, file, signedOn string
	version                int32
	guardian               bool
	scan                   []byte
	mediaType              string
}

// Run imports pledges that were signed on paper, all of them checked first. Whose
// paper waits for the second person, or is valid, by a run that was broken off, is
// left out.
func (c *pledgeImportCmd) Run(a *app) error {
	if c.Template {
		return c.template(a)
	}
	rows, problems, err := c.read()
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		a.problems(problems)
		return fmt.Errorf("%d problems; nothing was recorded", len(problems))
	}
	if c.DryRun {
		a.printf("%d件のスキャンを登録できます。\n", len(rows))
		return nil
	}
	now, err := a.pledgesNow(c.Contract)
	if err != nil {
		return err
	}
	progress, done := a.progress(), 0
	for i, r := range rows {
		progress("recorded", int64(i+1), int64(len(rows)))
		if p := now[r.person]; p != nil && (p.State == string(meibo.PledgePending) || p.State == string(meibo.PledgeValid)) {
			continue
		}
		if err := c.record(a, r, now[r.person]); err != nil {
			fmt.Fprintf(a.stderr, "%d行目 %s\n", r.row, r.person)
			return fmt.Errorf("%d of %d were recorded; run it again to go on: %w", done, len(rows), err)
		}
		done++
	}
	a.printf("%d件を登録しました(登録済み %d件)。別の人が確認してください: meibo pledge papers %s -o FOLDER\n", done, len(rows)-done, c.Contract)
	return nil
}

// record asks for the pledge where none of the right version is open, and records
// the scan.
func (c *pledgeImportCmd) record(a *app, r importRow, open *pb.Pledge) error {
	_, err := ask(a, pb.NewPledgeServiceClient, func(s pb.PledgeServiceClient) (*pb.RecordPledgeResponse, error) {
		id := ""
		if open != nil && (r.version == 0 || open.TemplateVersion == r.version) {
			id = open.Id
		}
		if id == "" {
			asked, err := s.RequestPledge(a.ctx, &pb.RequestPledgeRequest{
				IdempotencyKey: uuid.NewString(), Contract: c.Contract, Person: r.person, TemplateVersion: r.version,
			})
			if err != nil {
				return nil, err
			}
			id = asked.Pledge.Id
		}
		return s.RecordPledge(a.ctx, &pb.RecordPledgeRequest{
			IdempotencyKey: uuid.NewString(), Id: id, Document: r.scan, MediaType: r.mediaType, SignedOn: r.signedOn, GuardianConsent: r.guardian,
		})
	})
	return err
}

// pledgesNow are a contract's pledges by person: the last one that was not
// superseded.
func (a *app) pledgesNow(contract string) (map[string]*pb.Pledge, error) {
	list, err := ask(a, pb.NewPledgeServiceClient, func(s pb.PledgeServiceClient) (*pb.ListPledgesResponse, error) {
		return s.ListPledges(a.ctx, &pb.ListPledgesRequest{Contract: contract})
	})
	if err != nil {
		return nil, err
	}
	now := map[string]*pb.Pledge{}
	for _, p := range list.Pledges {
		if p.State != string(meibo.PledgeSuperseded) {
			now[p.Person] = p
		}
	}
	return now, nil
}

// readIndex reads a CSV with a fixed header.
func readIndex(path string, columns []string) ([][]string, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	content = bytes.TrimPrefix(content, []byte("\xEF\xBB\xBF"))
	if !utf8.Valid(content) {
		return nil, fmt.Errorf("%s: CP932_FILE %s", path, meibo.Problem{Code: "CP932_FILE"}.Sentence())
	}
	r := csv.NewReader(bytes.NewReader(content))
	r.FieldsPerRecord = len(columns)
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: MALFORMED_CSV %s (%w)", path, meibo.Problem{Code: "MALFORMED_CSV"}.Sentence(), err)
	}
	if len(rows) == 0 || !slices.Equal(rows[0], columns) {
		return nil, fmt.Errorf("%s: HEADER_DIFFERS: the header must be %s", path, strings.Join(columns, ","))
	}
	return rows[1:], nil
}

// read reads the index and its scans. A row without a file is left out.
func (c *pledgeImportCmd) read() (rows []importRow, problems []*pb.Problem, err error) {
	lines, err := readIndex(c.Index, importColumns)
	if err != nil {
		return nil, nil, err
	}
	folder := c.Scans
	if folder == "" {
		folder = filepath.Dir(c.Index)
	}
	seen := map[string]bool{}
	for i, line := range lines {
		r := importRow{row: i + 2, person: line[0], file: line[2], signedOn: line[3]}
		if r.file == "" {
			continue
		}
		told := func(field string, code meibo.ProblemCode) {
			problems = append(problems, &pb.Problem{Row: int32(r.row), Field: field, Code: string(code), Message: meibo.Problem{Code: code}.Sentence()})
		}
		if r.person == "" {
			told("person", "REQUIRED")
		} else if seen[r.person] {
			told("person", "DUPLICATE_ROW")
		}
		seen[r.person] = true
		r.fill(line, told)
		r.load(folder, told)
		rows = append(rows, r)
	}
	return rows, problems, nil
}

func (r *importRow) fill(line []string, told func(string, meibo.ProblemCode)) {
	if r.signedOn == "" {
		told("signed_on", "REQUIRED")
	} else if _, err := meibo.ParseDate(r.signedOn); err != nil {
		told("signed_on", "INVALID_DATE")
	}
	if line[4] != "" {
		n, err := strconv.ParseInt(line[4], 10, 32)
		if err != nil || n < 1 {
			told("version", "UNKNOWN_VALUE")
		}
		r.version = int32(n)
	}
	if r.guardian = line[5] == "yes" || line[5] == "はい"; !r.guardian && line[5] != "" && line[5] != "no" && line[5] != "いいえ" {
		told("guardian", "UNKNOWN_VALUE")
	}
}

func (r *importRow) load(folder string, told func(string, meibo.ProblemCode)) {
	if !filepath.IsLocal(r.file) {
		told("file", "UNKNOWN_VALUE")
		return
	}
	path := filepath.Join(folder, r.file)
	info, err := os.Stat(path)
	switch {
	case err != nil || !info.Mode().IsRegular():
		told("file", "FILE_MISSING")
		return
	case info.Size() > meibo.MaxDocument:
		told("file", "FILE_TOO_LARGE")
		return
	}
	if r.scan, err = os.ReadFile(path); err != nil {
		told("file", "FILE_MISSING")
		return
	}
	r.mediaType, _, _ = strings.Cut(mime.TypeByExtension(strings.ToLower(filepath.Ext(r.file))), ";")
	if code := (document.Scan{MediaType: r.mediaType, Content: r.scan}).Inspect(); code != "" {
		told("file", code)
	}
}

// template writes the index of those whose pledge is still to come.
func (c *pledgeImportCmd) template(a *app) error {
	now, err := a.pledgesNow(c.Contract)
	if err != nil {
		return err
	}
	roster, err := ask(a, pb.NewRosterServiceClient, func(s pb.RosterServiceClient) (*pb.GetRosterResponse, error) {
		return s.GetRoster(a.ctx, &pb.GetRosterRequest{Contract: c.Contract})
	})
	if err != nil {
		return err
	}
	rows := [][]string{importColumns}
	for _, m := range roster.Members {
		if p := now[m.Person]; p == nil || p.State == string(meibo.PledgeRequested) || p.State == string(meibo.PledgeRejected) {
			rows = append(rows, document.Inert(m.Person, m.Name, "", "", "", ""))
		}
	}
	return a.writeIndex(c.Index, rows)
}

// writeIndex writes a CSV that spreadsheets read as UTF-8.
func (a *app) writeIndex(path string, rows [][]string) error {
	b := bytes.NewBufferString("\xEF\xBB\xBF")
	if err := csv.NewWriter(b).WriteAll(rows); err != nil {
		return err
	}
	if err := writeFile(path, b.Bytes()); err != nil {
		return err
	}
	a.printf("%s (%d)\n", path, len(rows)-1)
	return nil
}
