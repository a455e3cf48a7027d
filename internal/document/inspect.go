package document

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// Limits of a workbook that is read. A full one of 10,000 rows stays below half of
// each.
const (
	maxParts    = 200
	maxInflated = 32 << 20
	maxElements = 1_200_000
	maxDepth    = 64
	maxRow      = 2 * meibo.MaxLines // some programs write rows that hold nothing
)

// A scan is what a sheet holds that a reader of values would not see.
type scan struct {
	rows     int
	formulas []string // cells, at most maxTold
	errors   []string // cells whose value is an error
}

const maxTold = 100

// An inspection looks through a workbook before anything else reads it. It really
// inflates every part under a limit, whatever the directory of the ZIP claims.
type inspection struct {
	elements int
	sheets   map[string]*scan // by part
}

// inspect refuses a workbook that is no workbook, that would take too much room or
// time, or that brings programs or links to other files along.
func inspect(content []byte) (map[string]*scan, error) {
	if bytes.HasPrefix(content, []byte{0xD0, 0xCF, 0x11, 0xE0}) {
		return nil, refuse("ENCRYPTED_WORKBOOK")
	}
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, refuse("MALFORMED_XLSX")
	}
	if len(z.File) > maxParts {
		return nil, refuse("FILE_TOO_LARGE")
	}
	in := inspection{sheets: map[string]*scan{}}
	seen, left := map[string]bool{}, int64(maxInflated)
	for _, f := range z.File {
		name := strings.ToLower(f.Name)
		if seen[name] || path.IsAbs(name) || strings.Contains(name, "..") || strings.Contains(name, `\`) {
			return nil, refuse("MALFORMED_XLSX")
		}
		seen[name] = true
		if code := forbiddenPart(name); code != "" {
			return nil, refuse(code)
		}
		if left, err = inflate(f, left); err != nil {
			return nil, err
		}
	}
	for _, f := range z.File {
		if err := in.part(f, strings.ToLower(f.Name)); err != nil {
			return nil, err
		}
	}
	return in.sheets, nil
}

// forbiddenPart: what executes, and what is fetched from elsewhere.
func forbiddenPart(name string) meibo.ProblemCode {
	switch {
	case strings.Contains(name, "vbaproject"), strings.Contains(name, "macrosheets/"), strings.Contains(name, "activex/"),
		strings.Contains(name, "embeddings/"), strings.Contains(name, "dialogsheets/"):
		return "MACROS_REFUSED"
	case strings.Contains(name, "externallinks/"), strings.HasSuffix(name, "connections.xml"), strings.Contains(name, "querytables/"):
		return "EXTERNAL_LINK_REFUSED"
	}
	return ""
}

// inflate inflates a part and throws it away; left is how many bytes may come, and
// then how many still may.
func inflate(f *zip.File, left int64) (int64, error) {
	r, err := f.Open()
	if err != nil {
		return 0, refuse("MALFORMED_XLSX")
	}
	defer r.Close()
	n, err := io.Copy(io.Discard, io.LimitReader(r, left+1))
	switch {
	case n > left:
		return 0, refuse("FILE_TOO_LARGE")
	case err != nil:
		return 0, refuse("MALFORMED_XLSX")
	}
	return left - n, nil
}

// part walks through a part of XML.
func (in *inspection) part(f *zip.File, name string) error {
	if !strings.HasSuffix(name, ".xml") && !strings.HasSuffix(name, ".rels") {
		return nil
	}
	var s *scan
	if strings.HasPrefix(name, "xl/worksheets/") && strings.HasSuffix(name, ".xml") {
		s = new(scan)
		in.sheets[name] = s
	}
	r, err := f.Open()
	if err != nil {
		return refuse("MALFORMED_XLSX")
	}
	defer r.Close()
	err = in.walk(r, s)
	var problems meibo.Problems
	if err != nil && !errors.As(err, &problems) {
		return refuse("MALFORMED_XLSX")
	}
	return err
}

// walk reads XML to its end and notes what a sheet hides.
func (in *inspection) walk(r io.Reader, s *scan) error {
	d := xml.NewDecoder(r)
	depth, cell := 0, ""
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.Directive: // a DTD: no program that writes workbooks makes one
			return refuse("MALFORMED_XLSX")
		case xml.EndElement:
			depth--
		case xml.StartElement:
			depth++
			in.elements++
			if depth > maxDepth || in.elements > maxElements {
				return refuse("FILE_TOO_LARGE")
			}
			if attribute(t, "TargetMode") == "External" && !strings.HasSuffix(attribute(t, "Type"), "/hyperlink") {
				return refuse("EXTERNAL_LINK_REFUSED")
			}
			if s != nil {
				if cell, err = s.element(t, cell); err != nil {
					return err
				}
			}
		}
	}
}

// element notes an element of a sheet; cell is the one around it.
func (s *scan) element(t xml.StartElement, cell string) (string, error) {
	switch t.Name.Local {
	case "row":
		s.rows++
		if n, err := strconv.Atoi(attribute(t, "r")); s.rows > maxRow || err == nil && n > maxRow {
			return "", refuse("TOO_MANY_ROWS")
		}
	case "c":
		cell = attribute(t, "r")
		if attribute(t, "t") == "e" && len(s.errors) < maxTold {
			s.errors = append(s.errors, cell)
		}
	case "f":
		if len(s.formulas) < maxTold {
			s.formulas = append(s.formulas, cell)
		}
	}
	return cell, nil
}

func attribute(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
