import ArgumentParser
import Voxtile
import VoxtileFormats
import VoxtileReport
import VoxtileStore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What a page shows, for the commands that make one of existing files.
struct ShownOptions: ParsableArguments {
  /// The files that are shown besides the input.
  struct Files: ParsableArguments {
    @Option(
      help: ArgumentHelp("The merged image, to compare with the original.", valueName: "image"),
      completion: .file())
    var merged: String?

    @Option(
      help: ArgumentHelp(
        "For a patch folder: the image that was cut. By default the one of its name next to the folder; if there is none, "
          + "the page shows the patches. For training patches: where the scans are.",
        valueName: "image"),
      completion: .file())
    var against: String?

    @Option(
      help: ArgumentHelp(
        "An image to show over the input, such as a label map or probabilities; may be given several times.",
        valueName: "image"),
      completion: .file())
    var overlay: [String] = []

    @Option(
      help: ArgumentHelp(
        "A table with the names and colors of labels: of ITK-SNAP, FreeSurfer, 3D Slicer or MRIcron, or dataset.json of nnU-Net. "
          + "By default those beside a label map are used. Given several times, the first is for the first overlay, and so on.",
        valueName: "file"),
      completion: .file())
    var labelTable: [String] = []

    @Option(
      help: "For a patch folder: the manifest; by default voxtile.json in the folder.", completion: .file())
    var manifest: String?

    @Option(
      parsing: .unconditionalSingleValue,
      help: ArgumentHelp(
        "A channel to show, such as a time point of a 4D file, counted from 1; may be given several times. By default all "
          + "of up to four channels, else the first.", valueName: "n"))
    var channel: [Int] = []

    func validate() throws {
      for channel in channel where channel < 1 {
        throw ValidationError("--channel \(channel) is out of range; channels count from 1")
      }
    }
  }

  /// The grid over an image; that of a patch folder is in its manifest.
  struct Grid: ParsableArguments {
    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "For an image: the size of a patch in voxels, x first.", valueName: "96|96x96x64"))
    var patch: PatchArgument?

    @OptionGroup var layout: LayoutOptions
  }

  @OptionGroup(.inputAndOutput) var files: Files

  @OptionGroup(.patches) var grid: Grid

  @OptionGroup(.limits) var limits: PlannedLimitOptions

  /// What the page of a patch folder or an image shows.
  func request(of input: String) throws -> ReportRequest {
    var isFolder = false
    let exists = FileManager.default.fileExists(atPath: input, isDirectory: &isFolder)
    let isPatches = exists && isFolder && !ImageFormats.registry.recognizes(input)
    var request = try isPatches ? folderRequest(input) : imageRequest(input)
    request.limits = limits.limits
    request.merged = files.merged
    request.overlays = files.overlay
    request.labelTables = files.labelTable
    request.channels = files.channel.isEmpty ? nil : files.channel.map { $0 - 1 }
    Input.sayNotes(on: [request.image, request.merged].compactMap(\.self) + request.overlays)
    return request
  }

  /// Makes sure that nothing is given which a set of training patches does not have.
  func checkSuitsSamples(_ folder: String) throws {
    let given =
      [
        ("--merged", files.merged != nil), ("--overlay", !files.overlay.isEmpty),
        ("--label-table", !files.labelTable.isEmpty), ("--manifest", files.manifest != nil),
        ("--channel", !files.channel.isEmpty), ("--patch", grid.patch != nil),
      ].filter { $0.1 }.map { $0.0 } + grid.layout.given
    guard let first = given.first else { return }
    throw ValidationError(
      "\(first) is for images and patch folders, but \(folder.printable) is a set of training patches; leave it out"
    )
  }

  private func folderRequest(_ input: String) throws -> ReportRequest {
    let given = (grid.patch == nil ? [] : ["--patch"]) + grid.layout.given
    guard given.isEmpty else {
      throw ValidationError(
        "\(given.joined(separator: " and ")) \(given.count == 1 ? "is" : "are") for images; the manifest of \(input) says "
          + "how it was cut")
    }
    let store = try PatchStore(contentsOf: input, manifest: files.manifest)
    return ReportRequest(store: store, image: files.against ?? store.original(manifest: files.manifest))
  }

  private func imageRequest(_ input: String) throws -> ReportRequest {
    let info = try ImageFormats.open(input).info
    guard let patch = grid.patch else {
      throw ValidationError("\(input) is an image, so the page needs --patch; or name a patch folder")
    }
    guard files.against == nil, files.manifest == nil else {
      throw ValidationError("--against and --manifest are for patch folders, but \(input) is an image")
    }
    let grid = try self.grid.layout.grid(of: patch, over: info)
    return ReportRequest(image: input, grid: grid)
  }
}

extension PatchStore {
  /// The image that was cut: a file of its name, size and place next to the patch folder, next to the manifest's folder, or in
  /// the working directory.
  func original(manifest path: String?) -> String? {
    func parent(_ path: String) -> String {
      let parts = path.split(separator: "/", omittingEmptySubsequences: false)
      let trimmed = parts.last == "" ? parts.dropLast() : parts[...]
      return trimmed.count > 1 ? trimmed.dropLast().joined(separator: "/") + "/" : ""
    }
    let folders = [parent(folder), path.map { parent(parent($0)) }, ""]
    return folders.lazy.compactMap { $0.map { $0 + manifest.source.name } }.first { candidate in
      guard let info = try? ImageFormats.open(candidate).info else { return false }
      let isOnGrid = (try? info.checkOnGrid(of: manifest.source.info, named: candidate)) != nil
      return isOnGrid && info.channels == manifest.source.channels
    }
  }
}
