extension ReportData {
  /// A small picture of each patch file, for the contact sheet.
  package struct PatchPictures: Codable, Sendable {
    /// The pictures: slice k of the layer shows the file of patch `indices[k]`.
    package var layer: Layer
    /// The patches that have a picture, ascending.
    package var indices: [Int]
    /// Whether the values are like those of the image, so that both are shown with the same window.
    package var hasWindowOfImage: Bool
    /// Of how many channels a pixel shows the largest, as of probabilities; `nil` where the files have one kind of values.
    package var competingChannels: Int?
    /// The patches whose files have no picture.
    package var unread: [Unread]

    /// Which files have no picture, for a person; `nil` where all have one.
    package var remark: String? {
      guard let first = unread.first else { return nil }
      let others = unread.count > 1 ? ", and those of \(unread.count - 1) more" : ""
      return "the file of patch \(first.index) cannot be shown\(others): \(first.fault)"
    }

    /// A patch whose file is missing, cannot be read, or says in its header that it is another patch.
    package struct Unread: Codable, Sendable {
      /// The index of the patch in the grid.
      package var index: Int
      /// What is wrong with its file.
      package var fault: String
    }
  }
}
