package store

import (
	"fmt"

	"github.com/go-json-experiment/json"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// images goes through the entries once more and holds every image against what
// its entry committed to. It notes the salts of the newest.
func (v *verification) images(r *Reader) error {
	for from := int64(0); from < v.found.Entries; from += chunk {
		var records []string
		if err := v.list(r, "entries", &records, "SELECT record FROM entries WHERE seq >= ? AND seq < ? ORDER BY seq", from, from+chunk); err != nil {
			return err
		}
		kept, err := v.imagesOf(r, from, from+chunk)
		if err != nil {
			return err
		}
		for i, record := range records {
			var e meibo.Entry
			if err := json.Unmarshal([]byte(record), &e); err != nil {
				return &Tampered{"entries", fmt.Sprint(from + int64(i)), "unreadable"}
			}
			if err := v.explained(e, kept[e.Seq]); err != nil {
				return err
			}
			delete(kept, e.Seq)
		}
		v.Progress("images", from+int64(len(records)), v.found.Entries)
	}
	return v.unexplainedImage(r)
}

type keptImage struct{ salt, text string }

// imagesOf reads the images of a run of entries.
func (v *verification) imagesOf(r *Reader, from, until int64) (map[int64]map[rowName]keptImage, error) {
	var rows []struct {
		OfTable, OfKey string
		Seq            int64
		Salt, Image    string
	}
	err := v.list(r, "images", &rows, "SELECT of_table, of_key, seq, salt, image FROM images WHERE seq >= ? AND seq < ?", from, until)
	if err != nil {
		return nil, err
	}
	kept := map[int64]map[rowName]keptImage{}
	for _, row := range rows {
		name := rowName{row.OfTable, row.OfKey}
		if row.Image, err = r.openImage(name, row.Seq, row.Image); err != nil {
			return nil, &Tampered{"images", fmt.Sprintf("%s/%s/%d", row.OfTable, row.OfKey, row.Seq), "edited: " + errSealed.Error()}
		}
		if kept[row.Seq] == nil {
			kept[row.Seq] = map[rowName]keptImage{}
		}
		kept[row.Seq][name] = keptImage{row.Salt, row.Image}
	}
	return kept, err
}

// explained holds the images of one entry against its evidence: each is there, as
// it was, and no other.
func (v *verification) explained(e meibo.Entry, kept map[rowName]keptImage) error {
	for _, row := range e.Rows {
		name := rowName{row.Table, row.Key}
		image, there := kept[name]
		place := fmt.Sprintf("%s/%s/%d", row.Table, row.Key, e.Seq)
		switch {
		case !there && e.Seq < v.disposed[name]:
			v.found.Forgotten++
			continue
		case !there:
			return &Tampered{"images", place, "removed"}
		case commitment(image.salt, name, image.text) != row.Hash:
			return &Tampered{"images", place, "edited"}
		}
		delete(kept, name)
		if claim := v.newest[name]; claim.seq == e.Seq {
			claim.salt = image.salt
			v.newest[name] = claim
		}
	}
	for name := range kept {
		return &Tampered{"images", fmt.Sprintf("%s/%s/%d", name.table, name.key, e.Seq), "unexplained"}
	}
	return nil
}

// unexplainedImage finds images of entries that are not there.
func (v *verification) unexplainedImage(r *Reader) error {
	var stray []struct {
		OfTable, OfKey string
		Seq            int64
	}
	err := v.list(r, "images", &stray, "SELECT of_table, of_key, seq FROM images WHERE seq < 0 OR seq >= ? ORDER BY seq, of_table, of_key LIMIT 1", v.found.Entries)
	if err == nil && len(stray) > 0 {
		return &Tampered{"images", fmt.Sprintf("%s/%s/%d", stray[0].OfTable, stray[0].OfKey, stray[0].Seq), "unexplained"}
	}
	return err
}
