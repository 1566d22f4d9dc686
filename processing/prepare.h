#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "core/code.h"
#include "core/finding.h"
#include "core/geometry.h"
#include "core/image.h"
#include "core/result.h"
#include "processing/bend.h"
#include "processing/settings.h"

namespace alih::processing {

// A page made ready for people (access) and for OCR (reading). Both have the same geometry, but for
// a page that bends: then what was read is put back with `bend`.
struct Prepared {
  Image access;      // upright, cropped, straight; gray8 or rgb24
  Image flat;        // what reading images are made of: access without edges, laid flat
  Bend bend;         // flat and reading -> access; empty when the page does not bend
  Image reading;     // of `flat`: gray8, background levelled
  Image scanned;     // upright and whole, nothing else done; gray8, rgb24 or bilevel
  Affine to_master;  // access pixel -> pixel of the master as stored
  Affine scanned_to_access;
  std::vector<Finding> findings;
  std::vector<Code> codes;  // in access pixels
  bool blank = false;
};

// Runs those of settings.stages that are not off, in the order of their kinds (stages.h), within a
// kind as they are named; after a page was found blank no more. Each stage's finding has its CPU
// time as "ms". `orientation` is the TIFF/EXIF tag.
[[nodiscard]] Result<Prepared> prepare(const Image& master, int orientation,
                                       const Settings& settings, std::stop_token stop);

// Another image to read from, of the geometry of `flat`: "soft8" and "soft5" clip at 0.8 and 0.5,
// "fine8" takes a fine background out, "none" is the plain gray. Errors: bad_setting for another
// name.
[[nodiscard]] Result<Image> reading_variant(const Image& flat, const std::string& variant,
                                            const Settings& settings);

// As gray8 or rgb24, which a JPEG can hold.
[[nodiscard]] Image plain(const Image& image);

// Smaller by area averaging so that no side is longer; never larger than it was.
[[nodiscard]] Result<Image> scale_to_fit(const Image& image, int max_side_px);

}  // namespace alih::processing
