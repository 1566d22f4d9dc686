#pragma once

#include "access/settings.h"
#include "api/settings.h"
#include "core/settings.h"
#include "pipeline/settings.h"

namespace alih::config {

// All settings of all folders: what the file, the environment and the command line may set.
struct Settings {
  capture::Settings capture;
  processing::Settings processing;
  ocr::Settings ocr;
  repository::Settings repository;
  indexer::Settings indexer;
  pipeline::Settings pipeline;
  pipeline::Office office;
  access::Settings access;
  api::Settings api;

  [[nodiscard]] pipeline::Everything everything() const {
    return {capture, processing, ocr, repository, indexer, pipeline, office};
  }
};

template <typename Visitor>
constexpr void describe(Visitor& field, Settings& s) {
  field.section("capture", s.capture);
  field.section("processing", s.processing);
  field.section("ocr", s.ocr);
  field.section("repository", s.repository);
  field.section("indexer", s.indexer);
  field.section("pipeline", s.pipeline);
  field.section("office", s.office);
  field.section("access", s.access);
  field.section("api", s.api);
}

#ifndef __clang__
static_assert(settings::fully_described<Settings>());
#endif

}  // namespace alih::config
