--[[ The metadata keys of SDK 14, and the values that may be written. ]]

local host = ...

local function set(text)
  local result = {}
  for word in text:gmatch '%S+' do result[word] = true end
  return result
end

host.RAW_KEYS = set [[
  fileSize rating dimensions croppedDimensions shutterSpeed aperture exposureBias flash isoSpeedRating focalLength
  focalLength35mm dateTimeOriginal dateTimeDigitized dateTime gps gpsAltitude countVirtualCopies virtualCopies
  masterPhoto isVirtualCopy countStackInFolderMembers stackInFolderMembers isInStackInFolder stackInFolderIsCollapsed
  stackPositionInFolder topOfStackInFolderContainingPhoto colorNameForLabel fileFormat width height aspectRatio
  isCropped dateTimeOriginalISO8601 dateTimeDigitizedISO8601 dateTimeISO8601 lastEditTime editCount copyrightState
  uuid path isVideo durationInSeconds keywords customMetadata pickStatus trimmedDurationInSeconds durationRatio
  trimmedDurationRatio locationIsPrivate smartPreviewInfo gpsImgDirection bitDepth altTextAccessibility
  extDescrAccessibility isExported
]]

host.FORMATTED_KEYS = set [[
  keywordTags keywordTagsForExport fileName preservedFileName copyName folderName fileSize fileType rating label title
  caption dimensions croppedDimensions exposure shutterSpeed aperture brightnessValue exposureBias flash
  exposureProgram meteringMode isoSpeedRating focalLength focalLength35mm lens subjectDistance dateTimeOriginal
  dateTimeDigitized dateTime cameraMake cameraModel cameraSerialNumber artist software gps gpsAltitude creator
  creatorJobTitle creatorAddress creatorCity creatorStateProvince creatorPostalCode creatorCountry creatorPhone
  creatorEmail creatorUrl headline iptcSubjectCode descriptionWriter iptcCategory iptcOtherCategories dateCreated
  intellectualGenre scene location city stateProvince country isoCountryCode jobIdentifier instructions provider
  source copyright copyrightState rightsUsageTerms copyrightInfoUrl personShown locationCreated locationShown
  nameOfOrgShown codeOfOrgShown event artworksShown additionalModelInfo modelAge minorModelAge modelReleaseStatus
  modelReleaseID imageSupplier imageSupplierImageId registryId maxAvailWidth maxAvailHeight sourceType imageCreator
  copyrightOwner licensor propertyReleaseID propertyReleaseStatus digImageGUID plusVersion gpsImgDirection duration
  trimmedDuration frameRate altTextAccessibility extDescrAccessibility
]]

local TEXTS = set 'label title caption copyName headline creator instructions jobIdentifier'

host.COLOURS = { 'red', 'yellow', 'green', 'blue', 'purple' }

local function rating(value)
  if value == nil then return nil end
  if type(value) ~= 'number' or value % 1 ~= 0 or value < 1 or value > 5 then
    error('Invalid rating: ' .. tostring(value), 4)
  end
  return value
end

local function pickStatus(value)
  if value ~= -1 and value ~= 0 and value ~= 1 then
    error('Invalid value for pickStatus: ' .. tostring(value), 4)
  end
  return value
end

-- A text that is not a colour's name becomes the label's text and shows white.
local function labelText(value)
  if type(value) ~= 'string' then error('Invalid value for colorNameForLabel: ' .. tostring(value), 4) end
  if value:lower() == 'none' then return '' end
  return host.labelSet[value:lower()] or value
end

--- The field of a photo's record and the value that setRawMetadata(key, value) writes; raises for an invalid one.
function host.checkedWrite(key, value)
  if key == 'rating' then return 'rating', rating(value) end
  if key == 'pickStatus' then return 'pickStatus', pickStatus(value) end
  if key == 'colorNameForLabel' then return 'label', labelText(value) end
  if TEXTS[key] then
    if key == 'label' and value == nil then return key, '' end
    if value ~= nil and type(value) ~= 'string' then error('Invalid value for ' .. key .. ': a string is needed', 3) end
    return key, value
  end
  return error('LrPhoto:setRawMetadata: unknown metadata key "' .. tostring(key) .. '"', 3)
end

--- Returns the colour of a label's text in the label set in use, or nil.
function host.colour(text)
  for _, colour in ipairs(host.COLOURS) do
    if host.labelSet[colour] == text then return colour end
  end
  return nil
end

--- Returns the colour name that reading a label's text gives: not "none" where there is no label, but "gray".
function host.colourRead(text)
  local colour = not host.knobs.labelsReadGray and host.colour(text)
  return colour or (text == '' and host.knobs.noLabel or host.knobs.otherLabel)
end
