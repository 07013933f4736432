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

/// What a page is to show, shared by the commands that make one of files that are there already.
struct ReportInput: ParsableArguments {
  @Argument(help: "A patch folder, or an image.", completion: .file())
  var input: String

  @Option(
    help: ArgumentHelp(
      "The size of a patch in voxels, x first; for an image.", valueName: "96|96x96x64"))
  var patch: PatchArgument?

  @OptionGroup var layout: LayoutOptions

  @Option(
    help: ArgumentHelp(
      "For a patch folder: the image that was cut; by default the one of its name beside the folder, else the page "
        + "shows the patches.",
      valueName: "image"),
    completion: .file())
  var against: String?

  @Option(
    help: ArgumentHelp("The merged image, to compare with the original.", valueName: "image"),
    completion: .file())
  var merged: String?

  @Option(
    help: ArgumentHelp(
      "An image to lay over, such as a label map; may be given several times.", valueName: "image"),
    completion: .file())
  var overlay: [String] = []

  @Option(help: "The manifest; by default voxtile.json in the folder.", completion: .file())
  var manifest: String?

  @Option(
    help: ArgumentHelp(
      "A channel to show, from 1: a time point of a 4D file; may be given several times. By default all of up to four, "
        + "else the first."))
  var channel: [Int] = []

  @OptionGroup var limits: PlannedLimitOptions

  func validate() throws {
    for channel in channel where channel < 1 {
      throw ValidationError("--channel \(channel) is out of range; channels count from 1")
    }
  }

  /// What was asked for.
  func request() throws -> ReportRequest {
    var request = try isFolder ? folderRequest() : imageRequest()
    request.limits = limits.limits
    request.merged = merged
    request.overlays = overlay
    request.channels = channel.isEmpty ? nil : channel.map { $0 - 1 }
    return request
  }

  private var isFolder: Bool {
    var isFolder = false
    return FileManager.default.fileExists(atPath: input, isDirectory: &isFolder) && isFolder
  }

  private func folderRequest() throws -> ReportRequest {
    let given = (patch == nil ? [] : ["--patch"]) + layout.given
    guard given.isEmpty else {
      throw ValidationError(
        "\(given.joined(separator: " and ")) \(given.count == 1 ? "is" : "are") for images; the manifest of \(input) says "
          + "how it was cut")
    }
    let store = try PatchStore(contentsOf: input, manifest: manifest)
    return ReportRequest(store: store, image: against ?? store.original(manifest: manifest))
  }

  private func imageRequest() throws -> ReportRequest {
    guard let patch else {
      throw ValidationError("\(input) is an image, so the page needs --patch; or name a patch folder")
    }
    guard against == nil, manifest == nil else {
      throw ValidationError("--against and --manifest are for patch folders, but \(input) is an image")
    }
    let grid = try layout.grid(of: patch, over: ImageFormats.open(input).info.extent)
    return ReportRequest(image: input, grid: grid)
  }
}

extension PatchStore {
  /// The image that was cut, where one of its name and size is in the folder above the patches or the manifest,
  /// or where the program runs.
  func original(manifest path: String?) -> String? {
    func parent(_ path: String) -> String {
      let parts = path.split(separator: "/", omittingEmptySubsequences: false)
      let trimmed = parts.last == "" ? parts.dropLast() : parts[...]
      return trimmed.count > 1 ? trimmed.dropLast().joined(separator: "/") + "/" : ""
    }
    let folders = [parent(folder), path.map { parent(parent($0)) }, ""]
    return folders.lazy.compactMap { $0.map { $0 + manifest.source.name } }.first { candidate in
      guard let info = try? ImageFormats.open(candidate).info else { return false }
      return info.extent == manifest.source.extent && info.channels == manifest.source.channels
    }
  }
}
