#include "pipeline/backup.h"

#include "cli/interrupt.h"
#include "cli/verb.h"
#include "core/json.h"

namespace alih::cli {
namespace {

using json = nlohmann::ordered_json;
using Mode = pipeline::Holdings::Mode;

struct BackupWords {
  std::string to;
  bool full = false;
  int keep = 0;
  bool drill = false;
  std::string scratch;
};
struct RestoreWords {
  std::string from;
  std::string snapshot;
};

std::string text(const json& j) { return j.dump(-1, ' ', false, json::error_handler_t::replace); }

json problems_view(const std::vector<pipeline::Problem>& problems) {
  json out = json::array();
  for (const auto& p : problems) {
    out.push_back({{"kind", p.kind}, {"where", p.where}, {"detail", p.detail}});
  }
  return out;
}

void print_problems(const Environment& env, const std::vector<pipeline::Problem>& problems) {
  for (const auto& p : problems) env.print(p.kind + "\t" + p.where + "\t" + p.detail);
}

Result<int> run_drill(Environment& env, const BackupWords& words) {
  const auto scratch =
      words.scratch.empty() ? std::filesystem::temp_directory_path() : env.path(words.scratch);
  ALIH_TRY(const auto report,
           pipeline::drill(env.path(words.to), scratch, env.config.settings.everything(),
                           env.progress("Latihan pemulihan", "Restore drill")));
  if (env.json) {
    env.print(text({{"files", report.files},
                    {"bytes", report.bytes},
                    {"questions", report.questions},
                    {"snapshot", report.snapshot},
                    {"problems", problems_view(report.problems)}}));
  } else {
    print_problems(env, report.problems);
    env.print(env.say(
        "{}: {} berkas, {} byte, {} pertanyaan; {} masalah",
        "{}: {} files, {} bytes, {} questions; {} problems",
        {report.snapshot, report.files, report.bytes, report.questions, report.problems.size()}));
  }
  return report.problems.empty() ? 0 : 7;
}

Result<int> run_backup(Environment& env, const BackupWords& words) {
  if (words.drill) return run_drill(env, words);
  ALIH_TRY(auto* holdings, env.holdings(Mode::write));
  pipeline::BackupOptions options{env.path(words.to), words.full, words.keep, env.service.stop};
  std::unique_ptr<Interrupt> interrupt;
  if (env.service.holdings == nullptr) {
    interrupt = std::make_unique<Interrupt>();
    options.stop = interrupt->token();
  }
  ALIH_TRY(
      const auto report,
      pipeline::backup(*holdings, options, env.progress("Berkas dicadangkan", "Files backed up")));
  if (env.json) {
    env.print(text({{"items", report.items},
                    {"files", report.files},
                    {"bytes", report.bytes},
                    {"copied_files", report.copied_files},
                    {"copied_bytes", report.copied_bytes},
                    {"seconds", report.seconds},
                    {"snapshot", report.snapshot},
                    {"problems", problems_view(report.problems)}}));
  } else {
    print_problems(env, report.problems);
    env.print(
        env.say("Cadangan {}: {} bahan, {} berkas, {} byte; {} berkas baru, {} byte; "
                "{} masalah",
                "Backup {}: {} items, {} files, {} bytes; {} new files, {} bytes; "
                "{} problems",
                {report.snapshot, report.items, report.files, report.bytes, report.copied_files,
                 report.copied_bytes, report.problems.size()}));
  }
  return report.problems.empty() ? 0 : 7;
}

Result<int> run_restore(Environment& env, const RestoreWords& words) {
  ALIH_TRY(const auto report,
           pipeline::restore(env.data, env.config.settings.everything(), env.path(words.from),
                             words.snapshot, env.progress("Berkas dipulihkan", "Files restored")));
  if (report.rebuilt) {
    env.note("Basis data dalam cadangan tidak dapat dipakai; dibangun lagi dari berkas",
             "The database in the backup cannot be used; it was rebuilt from the files");
  }
  if (env.json) {
    env.print(text({{"items", report.items},
                    {"files", report.files},
                    {"bytes", report.bytes},
                    {"snapshot", report.snapshot},
                    {"rebuilt", report.rebuilt},
                    {"problems", problems_view(report.problems)}}));
  } else {
    print_problems(env, report.problems);
    env.print(env.say(
        "Dipulihkan dari {}: {} bahan, {} berkas, {} byte; {} masalah",
        "Restored from {}: {} items, {} files, {} bytes; {} problems",
        {report.snapshot, report.items, report.files, report.bytes, report.problems.size()}));
  }
  if (!report.problems.empty()) {
    env.note(
        "Berkas di atas tidak ada atau rusak dalam cadangan; lainnya pulih. "
        "Jalankan alihmedia verify",
        "The files above are missing or damaged in the backup; the rest is restored. "
        "Run alihmedia verify");
  }
  return report.problems.empty() ? 0 : 8;
}

}  // namespace

void add_backup(CLI::App& app, Command& chosen) {
  auto b = std::make_shared<BackupWords>();
  auto* backup = app.add_subcommand(
      "backup",
      "Mencadangkan folder data, juga selama layanan berjalan / back up the data folder, also "
      "while the service runs");
  backup->footer(
      "Contoh/examples:\n"
      "  alihmedia backup /media/cadangan/alihmedia --keep 30\n"
      "  alihmedia backup /media/cadangan/alihmedia --drill");
  backup
      ->add_option("DIR", b->to, "Folder cadangan, di diska lain / backup folder, on another disk")
      ->required();
  backup->add_flag("--full", b->full,
                   "Baca lagi semua berkas / read every file again, also unchanged ones");
  constexpr int kMostKept = 100000;
  backup
      ->add_option("--keep", b->keep,
                   "Simpan N cadangan terbaru saja / keep the newest N snapshots only")
      ->check(CLI::Range(1, kMostKept));
  backup->add_flag("--drill", b->drill,
                   "Latihan: pulihkan ke folder sementara dan bandingkan / drill: restore into a "
                   "scratch folder and compare");
  backup->add_option("--scratch", b->scratch,
                     "Tempat latihan (bawaan folder sementara) / where to drill (default: the "
                     "temporary folder)");
  backup->callback(
      [&chosen, b] { chosen = [b](Environment& env) { return run_backup(env, *b); }; });

  auto r = std::make_shared<RestoreWords>();
  auto* restore = app.add_subcommand(
      "restore",
      "Memulihkan cadangan ke folder data kosong (--data) / restore a backup into an empty data "
      "folder (--data)");
  restore->footer(
      "Contoh/example: alihmedia --data /srv/alihmedia restore /media/cadangan/alihmedia");
  restore->add_option("DIR", r->from, "Folder cadangan / backup folder")->required();
  restore->add_option(
      "--snapshot", r->snapshot,
      "Cadangan yang mana (bawaan: terbaru) / which snapshot (default: the newest)");
  restore->callback(
      [&chosen, r] { chosen = [r](Environment& env) { return run_restore(env, *r); }; });
}

}  // namespace alih::cli
