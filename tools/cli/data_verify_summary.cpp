#include "tools/cli/data_verify_summary.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/error.h"
#include "core/io/json.h"
#include "core/io/utf8.h"
#include "tools/cli/data_table.h"

namespace lrcn {
namespace {

constexpr std::int64_t kUsualLength = 20;  // words that training keeps of a caption

std::int64_t bytes_of(const PictureFindings& pictures) {
  std::int64_t bytes = 0;
  for (const PictureFacts& picture : pictures.good) {
    bytes += picture.bytes;
  }
  return bytes;
}

std::int64_t longer_than(const CaptionFindings& captions, std::int64_t length) {
  std::int64_t count = 0;
  for (auto each = captions.lengths.upper_bound(length); each != captions.lengths.end(); ++each) {
    count += each->second;
  }
  return count;
}

// "64x64", or "32x32 to 640x480" by area.
std::string sizes_of(const PictureFindings& pictures) {
  const auto smaller = [](const PictureFacts& a, const PictureFacts& b) {
    return a.width * a.height < b.width * b.height;
  };
  const auto text = [](const PictureFacts& picture) {
    return concat(picture.width, 'x', picture.height);
  };
  if (pictures.good.empty()) {
    return "none";
  }
  const auto [least, most] =
      std::minmax_element(pictures.good.begin(), pictures.good.end(), smaller);
  return text(*least) == text(*most) ? text(*least) : text(*least) + " to " + text(*most);
}

Json json_of(const CaptionFindings& captions) {
  return Json::object({{"pictures", captions.pictures},
                       {"undescribed", captions.undescribed},
                       {"captions", captions.captions},
                       {"words", captions.words},
                       {"vocabulary", captions.vocabulary},
                       {"vocabulary_5", captions.frequent_words},
                       {"shortest", length_percentile(captions, 0.0)},
                       {"median", length_percentile(captions, 0.5)},
                       {"longest", length_percentile(captions, 1.0)},
                       {"longer_than_20", longer_than(captions, kUsualLength)}});
}

// File names may be any bytes, JSON may not.
std::string printable(const std::string& text) {
  if (!find_invalid_utf8(text)) {
    return text;
  }
  std::string ascii = text;
  std::replace_if(
      ascii.begin(), ascii.end(), [](char c) { return c < 0; }, '?');
  return ascii;
}

Json json_of(const std::vector<std::vector<std::string>>& groups) {
  Json list = Json::array();
  for (const auto& group : groups) {
    Json names = Json::array();
    for (const std::string& name : group) {
      names.push_back(printable(name));
    }
    list.push_back(std::move(names));
  }
  return list;
}

}  // namespace

std::vector<std::string> VerifySummary::bad() const {
  std::vector<std::string> reasons;
  for (const BadPicture& picture : pictures.bad) {
    reasons.push_back(picture.reason);
  }
  for (const Part& part : parts) {
    reasons.insert(reasons.end(), part.captions.bad.begin(), part.captions.bad.end());
  }
  return reasons;
}

VerifySummary summarise(const VerifySource& source, PictureFindings pictures) {
  VerifySummary summary;
  summary.identical = identical_pictures(pictures.good);
  summary.pictures = std::move(pictures);
  std::map<std::filesystem::path, std::set<std::string>> parts_of;
  for (const VerifySource::Part& part : source.parts) {
    summary.parts.push_back({part.name, verify_captions(part.captions)});
    for (const CaptionSet::Item& item : part.captions.items) {
      parts_of[item.path].insert(part.name);
    }
  }
  std::map<std::string, std::set<std::string>> parts_of_name;
  for (const PictureFile& picture : source.pictures) {
    parts_of_name[picture.name] = parts_of[picture.path];
  }
  for (const auto& [name, parts] : parts_of_name) {
    if (parts.size() > 1) {
      summary.shared.push_back({name});
    }
  }
  for (const auto& group : summary.identical) {
    std::set<std::string> parts;
    for (const std::string& name : group) {
      parts.merge(std::set<std::string>(parts_of_name[name]));
    }
    if (parts.size() > 1) {
      summary.shared.push_back(group);
    }
  }
  return summary;
}

std::string text_of(const VerifySummary& summary) {
  const PictureFindings& pictures = summary.pictures;
  std::string text = concat("pictures    ", grouped(std::int64_t(pictures.good.size())), " good, ",
                            grouped(std::int64_t(pictures.bad.size())), " bad, ",
                            bytes_text(std::uint64_t(bytes_of(pictures))), "\nsizes       ",
                            sizes_of(pictures), "\nidentical   ", summary.identical.size(),
                            " groups of pictures with the same content\n");
  if (!summary.shared.empty()) {
    text += concat("shared      ", summary.shared.size(),
                   " of them stand in more than one part, for example ",
                   summary.shared.front().front(), '\n');
  }
  if (!summary.parts.empty()) {
    using Align = DataTable::Align;
    DataTable table({Align::left, Align::right, Align::right, Align::right, Align::right,
                     Align::right, Align::right, Align::right});
    table.add(
        {"part", "pictures", "captions", "words", "vocabulary", "5 times", "length", "over 20"});
    for (const VerifySummary::Part& part : summary.parts) {
      const CaptionFindings& captions = part.captions;
      table.add({part.name, grouped(captions.pictures), grouped(captions.captions),
                 grouped(captions.words), grouped(captions.vocabulary),
                 grouped(captions.frequent_words),
                 concat(length_percentile(captions, 0.0), '/', length_percentile(captions, 0.5),
                        '/', length_percentile(captions, 1.0)),
                 grouped(longer_than(captions, kUsualLength))});
    }
    text += '\n' + table.text() + "(length: shortest/median/longest caption in words)\n";
    for (const VerifySummary::Part& part : summary.parts) {
      if (part.captions.undescribed > 0) {
        text += concat(part.name, ": ", part.captions.undescribed, " pictures have no caption\n");
      }
    }
  }
  const std::vector<std::string> bad = summary.bad();
  text += bad.empty() ? "" : "\nbad:\n";
  for (const std::string& reason : bad) {
    text += "  " + reason + '\n';
  }
  return text;
}

std::string json_of(const VerifySummary& summary) {
  Json parts = Json::array();
  for (const VerifySummary::Part& part : summary.parts) {
    Json json = Json::object({{"name", part.name}});
    for (const auto& [key, value] : json_of(part.captions).members()) {
      json.set(key, value);
    }
    parts.push_back(std::move(json));
  }
  Json bad = Json::array();
  for (const std::string& reason : summary.bad()) {
    bad.push_back(printable(reason));
  }
  return Json::object({{"pictures", std::int64_t(summary.pictures.good.size())},
                       {"bad_pictures", std::int64_t(summary.pictures.bad.size())},
                       {"bytes", bytes_of(summary.pictures)},
                       {"sizes", sizes_of(summary.pictures)},
                       {"parts", std::move(parts)},
                       {"identical", json_of(summary.identical)},
                       {"shared", json_of(summary.shared)},
                       {"bad", std::move(bad)}})
             .dump(2) +
         '\n';
}

}  // namespace lrcn
