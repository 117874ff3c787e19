// carillon-codegen MODEL_DIRECTORY OUTPUT_DIRECTORY: writes the C++ that api/ compiles in. Run by
// the build whenever a file of api/model changes.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include "api/codegen/emit.h"

namespace {

void write_file(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream file(path);
  file << text;
  if (!file.flush()) throw std::runtime_error(path.string() + ": cannot be written");
}

}  // namespace

int main(int argc, char** argv) {
  using namespace carillon::codegen;
  if (argc != 3) {
    std::cerr << "usage: carillon-codegen MODEL_DIRECTORY OUTPUT_DIRECTORY\n";
    return 2;
  }
  const std::string models = argv[1];
  const std::filesystem::path output = argv[2];
  try {
    std::vector<Service> services;
    for (const char* name : {"messaging", "identity"}) {
      services.push_back(
          load_service(name, models + "/" + name + ".json", models + "/overlay.json"));
      const Service& service = services.back();
      write_file(output / name / "shapes.h", emit_shapes_header(service));
      write_file(output / name / "codec.h", emit_codec_header(service));
      write_file(output / name / "codec.cpp", emit_codec_source(service));
      write_file(output / name / "operations.h", emit_operations_header(service));
    }
    write_file(output / "model_tables.cpp", emit_tables_source(services));
  } catch (const std::exception& problem) {
    std::cerr << "carillon-codegen: " << problem.what() << "\n";
    return 1;
  }
  return 0;
}
