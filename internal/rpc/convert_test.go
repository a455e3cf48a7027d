package rpc_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/rpc"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// FuzzLines: a line comes back as it went, but for its days, which come back in
// one form.
func FuzzLines(f *testing.F) {
	for _, l := range []*pb.Line{
		{}, {Row: 1, Operation: "add", From: "R8.10.15", Until: "2027-03-31"}, {Row: -7, From: "昨日", Name: "髙﨑 真理子"}, {Row: 1 << 30, Until: "2026/1/1"},
	} {
		text, err := proto.Marshal(&pb.SubmitChangeRequest{Lines: []*pb.Line{l, l}})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var request pb.SubmitChangeRequest
		if proto.Unmarshal(text, &request) != nil {
			return
		}
		for _, l := range request.Lines {
			line := rpc.LineFromWire(l)
			if diff := cmp.Diff(line, rpc.LineFromWire(rpc.LineToWire(line))); diff != "" {
				t.Fatalf("it comes back otherwise (-went +came):\n%s", diff)
			}
			for _, d := range []struct {
				text string
				day  meibo.Date
			}{{l.From, line.Starts}, {l.Until, line.Ends}} {
				if !d.day.Valid() && string(d.day) != d.text {
					t.Fatalf("%q became %q", d.text, d.day)
				}
			}
			if string(line.Name) != l.Name || line.Task != l.Task || string(line.Login) != l.Login {
				t.Fatalf("%v became %+v", l, line)
			}
		}
		lines, err := rpc.LinesFromWire(request.Lines)
		rows := map[int]bool{}
		for i, l := range lines {
			if err == nil && (rows[l.Row] || l.Row < 1) {
				t.Fatalf("line %d has row %d", i, l.Row)
			}
			rows[l.Row] = true
		}
		var ps meibo.Problems
		if err != nil && !errors.As(err, &ps) {
			t.Fatal(err)
		}
	})
}

// FuzzMaster: master data comes back as it went.
func FuzzMaster(f *testing.F) {
	for _, m := range []*pb.Master{
		{}, {Assets: []*pb.Asset{{Id: "A01", Importance: -1}, {}}, Systems: []*pb.System{{Scopes: []*pb.Scope{{}}}}},
		{Contracts: []*pb.Contract{{Id: "C01", TerminatedAt: "2026-10-15T17:00:00+09:00", Starts: "R8.4.1", Assets: []string{"", "A"}}, {TerminatedAt: "soon"}}},
		{Subcontracts: []*pb.Subcontract{{RevokedAt: "1970-01-01T00:00:00Z", Depth: 1 << 30}}, PledgeTemplates: []*pb.PledgeTemplate{{Text: "x", Version: 2}}},
		{Purposes: []*pb.Purpose{{Code: "U", Starts: "2026-02-30"}}, Organizations: []*pb.Organization{{Id: "K1", NoticeTo: []string{"a@b"}}}},
	} {
		text, err := proto.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var wire pb.Master
		if proto.Unmarshal(text, &wire) != nil {
			return
		}
		m, err := rpc.MasterFromWire(&wire)
		if err != nil {
			var ps meibo.Problems
			if !errors.As(err, &ps) {
				t.Fatal(err)
			}
			for _, p := range ps {
				if p.Field == "" || p.Sentence() == "" {
					t.Fatalf("%+v", p)
				}
			}
			return
		}
		back := rpc.MasterToWire(m)
		again, err := rpc.MasterFromWire(back)
		if diff := cmp.Diff(m, again); err != nil || diff != "" {
			t.Fatalf("it comes back otherwise: %v (-went +came):\n%s", err, diff)
		}
		door, err := protojson.Marshal(back)
		if err != nil {
			t.Fatal(err)
		}
		var read pb.Master
		if err := protojson.Unmarshal(door, &read); err != nil || !proto.Equal(back, &read) {
			t.Fatalf("JSON: %v", err)
		}
	})
}
