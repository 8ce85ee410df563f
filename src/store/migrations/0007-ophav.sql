-- Who made a change, in full: the system that its certificate acted as, and in whose name it wrote where an agreement let it.
-- NULL for an organisation that acted as itself, and for changes from before this was kept.
ALTER TABLE aendring ADD COLUMN ophav_system INTEGER;
ALTER TABLE aendring ADD COLUMN ophav_kommune INTEGER;
ALTER TABLE aendring ADD COLUMN ophav_ejer TEXT;
