import ArgumentParser
import Voxtile
import VoxtileFormats

/// How OME-Zarr is written, for every command that may write it.
struct ChunkOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The size of a chunk of OME-Zarr, x first; by default about 64 along each axis, or the stride of merged patches.",
      valueName: "64|64x64x32"))
  var chunk: ChunkArgument?

  @Option(
    name: .customLong("zarr-version"),
    help: "The version of Zarr that is written: 3 is OME-Zarr 0.5, 2 is OME-Zarr 0.4 (default: 3).")
  var version: ZarrVersion?

  /// The names of the options that are given.
  private var given: [String] {
    (chunk == nil ? [] : ["--chunk"]) + (version == nil ? [] : ["--zarr-version"])
  }

  /// Adds what is given to how a file is written.
  ///
  /// - Parameters:
  ///   - options: how it is written.
  ///   - image: the size of what is written.
  ///   - paths: the files that are written, by their names.
  /// - Throws: where something is given and none of the files has chunks.
  func apply(to options: inout WriteOptions, over image: ImageSize, writing paths: [String]) throws {
    try check(writing: paths)
    options.chunk = try chunk?.extent(over: image)
    options.formatVersion = version?.rawValue
  }

  /// Makes sure that one of the files has chunks, where something is given.
  func check(writing paths: [String]) throws {
    let formats = paths.map { ImageFormats.registry.format(forName: $0) }
    guard let first = given.first, !formats.contains(where: { $0?.isFolder == true }) else { return }
    let title = formats.compactMap { $0?.title }.first ?? "another format"
    throw ValidationError("\(first) is for OME-Zarr, but \(title) is written; leave it out, or write .zarr")
  }
}

/// The versions of Zarr that are written.
enum ZarrVersion: Int, CaseIterable, ExpressibleByArgument {
  case two = 2
  case three = 3
}

/// The size of a chunk in voxels.
struct ChunkArgument: ExpressibleByArgument {
  private let size: SizeArgument<Int>

  init?(argument: String) {
    guard let patch = PatchArgument(argument: argument) else { return nil }
    size = patch.size
  }

  /// The size over an image.
  func extent(over image: ImageSize) throws -> Extent {
    Extent(try size.expanded(over: image, planar: 1, option: "--chunk"))
  }
}

extension ChunkArgument: ExplainedArgument {
  static func fault(in argument: String) -> String? { PatchArgument.fault(in: argument) }
}
