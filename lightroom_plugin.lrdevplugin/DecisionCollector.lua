--[[ What she picked, rejected and passed over by hand, gathered from the catalog for *Learn from my picks…*. ]]

local LrApplication = import 'LrApplication'
local LrTasks = import 'LrTasks'

local CatalogReader = require 'CatalogReader'
local DecisionRules = require 'DecisionRules'

local DecisionCollector = {}

local function folderOf(path)
  return path:match '^(.*)[/\\]' or ''
end

local function sort(folders, piece)
  for _, photo in ipairs(CatalogReader.marked(piece)) do
    local name = folderOf(photo.path)
    local folder = folders[name] or { paths = {}, marks = {} }
    folders[name] = folder
    folder.paths[#folder.paths + 1], folder.marks[#folder.marks + 1] = photo.path, photo.marks
  end
end

local function decide(picks, folder)
  for index, decision in ipairs(DecisionRules.among(folder.marks)) do
    if decision then
      picks.decisions[#picks.decisions + 1] = { path = folder.paths[index], decision = decision }
      picks[decision] = picks[decision] + 1
    end
  end
end

--- Her decisions among the selected photos, or where none is selected among all that Lightroom shows: `decisions`, an
-- array of { path, decision }, how many of them `select` and `reject`, and how many photos were `seen`; nil where
-- `progress` was cancelled. Task needed, and no gate.
function DecisionCollector.gather(progress)
  local photos = LrApplication.activeCatalog():getTargetPhotos()
  local picks, folders = { decisions = {}, select = 0, reject = 0, seen = #photos }, {}
  for first = 1, #photos, CatalogReader.BATCH do
    if progress:isCanceled() then return nil end
    local last = math.min(first + CatalogReader.BATCH - 1, #photos)
    sort(folders, { unpack(photos, first, last) })
    progress:setPortionComplete(last, #photos)
    LrTasks.yield()
  end
  for _, folder in pairs(folders) do decide(picks, folder) end
  return picks
end

return DecisionCollector
